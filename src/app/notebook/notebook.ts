import { dirname, join } from "node:path";
import { MODELS } from "#compute/models.ts";
import { DATASET_VOCABULARY, loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { suggest } from "#lib/nearest.ts";
import type { Exercise } from "#study/exercise.ts";
import type { Block, Report } from "#report/model.ts";
import { parseSpec } from "#spec/parse.ts";
import { planArms, ratesOf, slug, tunedArms } from "#spec/plan.ts";
import type { Spec } from "#spec/schema.ts";
import { EXERCISES } from "#exercises/catalog.ts";
import { experiment } from "#study/experiment/study.ts";
import { openSession } from "../session/session.ts";
import { UsageError } from "../io.ts";
import { notebookOptions, quietIo, ROOT, runsFolder } from "./session.ts";
import { bundleOf, display } from "./display.ts";
import { PROFILE_VARIABLE, TINY } from "./profile.ts";
import { schedulePage } from "../schedules/page.ts";
import { tracesOf } from "../schedules/planned_arms.ts";
import { dataRequest } from "../data/data_request.ts";

/** The interface of notebooks: an exercise in steps, each shown below its cell. */
export interface NotebookExercise {
  readonly exercise: Exercise;
  readonly spec: Spec;
  /** Shows the questions and hypotheses, before anything runs. */
  questions(): Promise<void>;
  /** The rate of each arm over its run, before anything runs; `lr: tuned` is drawn with the first rate to be tried. */
  schedules(): Promise<void>;
  /** Trains everything, writes the report as `deno task exercise` does, and shows its first screen. */
  train(): Promise<void>;
  /**
   * Shows a section of the report, or of it one figure.
   *
   * @throws {UsageError} before `train`, or for a section or figure that the report does not have.
   */
  show(section: string, figure?: string): Promise<void>;
}

/**
 * An exercise by its number, at the profile given, that of `LR_LAB_PROFILE`, or `quick`.
 *
 * @throws {UsageError} for a number that no exercise has.
 * @throws {SpecError} for a profile that the exercise does not have.
 */
export async function openExercise(
  number: number,
  profile: string = Deno.env.get(PROFILE_VARIABLE) ?? "quick",
): Promise<NotebookExercise> {
  const entry = EXERCISES[String(number)];
  if (!entry) {
    throw new UsageError(`Unknown exercise ${number}; ${suggest(String(number), Object.keys(EXERCISES))}`);
  }
  const exercise = await entry.load();
  const isTiny = profile === "tiny";
  const spec = parseSpec(
    exercise.spec,
    { file: entry.file, profile: isTiny ? "quick" : profile, overrides: isTiny ? TINY : {} },
    { ...DATASET_VOCABULARY, models: Object.keys(MODELS) },
  );
  let report: Report | null = null;
  return {
    exercise,
    spec,
    questions: () => display([questionsBlock(exercise)].map(bundleOf)),
    schedules: async () => display((await scheduleBlocks(spec)).map(bundleOf)),
    train: async () => {
      const out = join(
        runsFolder(),
        `notebook-${slug(spec.name)}-${new Date().toISOString().replace(/[:.]/g, "-")}`,
      );
      const { introduction, questions } = exercise;
      const outcome = await openSession({
        invocation: {
          introduction,
          exercise: String(number),
          folder: join(ROOT, dirname(entry.file)),
          command: `deno task exercise ${number}${
            profile === "quick" || isTiny ? "" : ` --profile ${profile}`
          }`,
        },
        ...notebookOptions(out),
      }, quietIo()).run(experiment({ spec, questions, introduction }));
      report = outcome.report!;
      await display(firstScreen(report, join(out, "report.html")).map(bundleOf));
    },
    show: async (section, figure) => await display(blocksOf(report, section, figure).map(bundleOf)),
  };
}

/** The first screen of a report, as on its page: the finding, what is missing, figures and verdicts; then where the rest is. */
export function firstScreen({ title, notices, overview }: Report, page: string): readonly Block[] {
  const text = (words: string): Block => ({ kind: "text", text: words });
  return [
    text(title),
    ...notices.map((notice) => text(notice.text)),
    ...overview,
    text(`Whole report: ${page}`),
  ];
}

/**
 * The blocks of a report's section, or its one figure.
 *
 * @throws {UsageError} where the report does not have them, or where there is none yet.
 */
export function blocksOf(
  report: Report | null,
  section: string,
  figure: string | undefined,
  maker = "train",
): readonly Block[] {
  if (report === null) {
    throw new UsageError(`There is nothing to show yet: run the cell with ${maker}() first`);
  }
  const found = report.sections.find(({ id }) => id === section);
  if (!found) {
    const known = report.sections.map(({ id }) => id);
    throw new UsageError(`No section ${JSON.stringify(section)} in this report; ${suggest(section, known)}`);
  }
  if (figure === undefined) return found.blocks;
  const figures = found.blocks.filter((block) => block.kind === "figure");
  const one = figures.find(({ id }) => id === figure);
  if (!one) {
    const known = figures.map(({ id }) => id);
    throw new UsageError(`No figure ${JSON.stringify(figure)} in ${section}; ${suggest(figure, known)}`);
  }
  return [one];
}

/** Questions and hypotheses as a table. */
export function questionsBlock(
  { title, questions }: {
    readonly title: string;
    readonly questions: readonly { readonly question: string; readonly hypothesis: string }[];
  },
): Block {
  return {
    kind: "table",
    caption: `${title}: what is asked, and what is expected before the runs`,
    columns: [{ label: "question", align: "left" }, { label: "expected", align: "left" }],
    keys: 1,
    rows: questions.map(({ question, hypothesis }) => ({ series: null, cells: [question, hypothesis] })),
    note: "",
  };
}

async function scheduleBlocks(spec: Spec): Promise<readonly Block[]> {
  const data = await loadDataset(dataRequest(spec, ROOT, join(ROOT, "data")), denoFiles);
  const firstRates = new Map(tunedArms(spec).map((arm) => [arm.name, ratesOf(spec, arm)[0]!]));
  const plans = planArms(spec, data.train.count, firstRates).filter(({ seed }) => seed === spec.seeds[0]);
  const page = schedulePage(tracesOf(plans));
  return page.sections.find(({ id }) => id === "curves")!.blocks;
}
