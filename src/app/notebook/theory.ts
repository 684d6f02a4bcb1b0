import { join } from "node:path";
import type { Report } from "#report/model.ts";
import type { TheoryExercise } from "#theory/claim.ts";
import type { TheorySummary } from "#results/theory.ts";
import { THEORY } from "#exercises/catalog.ts";
import { blocksOf, firstScreen, questionsBlock } from "./notebook.ts";
import { notebookOptions, quietIo, runsFolder } from "./session.ts";
import { bundleOf, display } from "./display.ts";
import { openSession } from "../session/session.ts";
import { theory } from "#study/theory.ts";

/** The interface of exercise 0's notebook: the theory in steps, each shown below its cell. */
export interface NotebookTheory {
  readonly exercise: TheoryExercise;
  /** Shows the claims and their sources, before anything runs. */
  questions(): Promise<void>;
  /** Simulates everything, writes the report as `deno task exercise 0` does, and shows its first screen. */
  simulate(seed?: number): Promise<TheorySummary>;
  /**
   * Shows a section of the report, or of it one figure.
   *
   * @throws {UsageError} before `simulate`, or for a section or figure that the report does not have.
   */
  show(section: string, figure?: string): Promise<void>;
}

/** Exercise 0 for a notebook. */
export async function openTheory(): Promise<NotebookTheory> {
  const exercise = await THEORY.load();
  let report: Report | null = null;
  return {
    exercise,
    questions: () =>
      display([bundleOf(questionsBlock({ title: exercise.title, questions: exercise.claims }))]),
    simulate: async (seed = 1) => {
      const out = join(runsFolder(), `notebook-theory-${new Date().toISOString().replace(/[:.]/g, "-")}`);
      const invocation = {
        command: `deno task exercise 0${seed === 1 ? "" : ` --seeds ${seed}-${seed}`}`,
        exercise: THEORY.number,
        introduction: exercise.introduction,
        folder: ".",
      };
      const session = openSession({ invocation, ...notebookOptions(out) }, quietIo());
      const outcome = await session.run(theory(exercise, seed));
      report = outcome.report!;
      await display(firstScreen(report, join(out, "report.html")).map(bundleOf));
      return outcome.result;
    },
    show: async (section, figure) =>
      await display(blocksOf(report, section, figure, "simulate").map(bundleOf)),
  };
}
