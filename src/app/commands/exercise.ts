import { dirname } from "node:path";
import { EXERCISES, THEORY } from "#exercises/catalog.ts";
import { suggest } from "#lib/nearest.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { requireTurbo } from "../machine/turbo.ts";
import type { SpecOptions } from "../studies/study_spec.ts";
import { commandLine } from "./command_line.ts";
import { type StudyOptions, trainingCommand } from "./study_options.ts";

/** `exercise`: a spec of the lab with questions, or exercise 0, which trains nothing. */
export function exerciseCommand(io: CommandIo) {
  const titles = [[THEORY.number, THEORY] as const, ...Object.entries(EXERCISES)]
    .map(([number, { title }]) => `${number}: ${title}`);
  return trainingCommand("exercise", "<name>-<time>", io)
    .description("Runs an exercise and writes its report: its questions, hypotheses and answers.")
    .argument("<number>", titles.join("; "))
    .action(async (number, options) => {
      const isTheory = number === THEORY.number;
      if (!isTheory) requireTurbo(options);
      const { runStudy } = await import("./study_modules.ts");
      const { study, introduction, folder } = isTheory
        ? await theoryStudy(options, io)
        : await exerciseStudy(number, options);
      const invocation = {
        command: commandLine(
          Deno.args,
          isTheory
            ? ["--profile", "--until", "--budget", "--dataset", "--data-dir", "--backend", "--threads"]
            : [],
        ),
        exercise: number,
        introduction,
        folder,
      };
      await runStudy(study, invocation, options, io);
    });
}

/** @throws {UsageError} for a number that no exercise has. */
async function exerciseStudy(number: string, options: SpecOptions) {
  const entry = Object.hasOwn(EXERCISES, number) ? EXERCISES[number] : undefined;
  if (!entry) {
    throw new UsageError(
      `Unknown exercise ${JSON.stringify(number)}; ${
        suggest(number, [THEORY.number, ...Object.keys(EXERCISES)])
      }`,
    );
  }
  const { experiment, studySpec } = await import("./study_modules.ts");
  const { spec: text, questions, introduction } = await entry.load();
  const spec = studySpec({ file: entry.file, text }, { ...options, profile: options.profile ?? "quick" });
  return { study: experiment({ spec, questions, introduction }), introduction, folder: dirname(entry.file) };
}

/** Exercise 0. @throws {UsageError} for more than one seed. */
async function theoryStudy(options: SpecOptions & StudyOptions & { readonly turbo: boolean }, io: CommandIo) {
  const idle = idleOptions(options);
  if (idle.length > 0) {
    io.stderr(
      `Exercise 0 trains nothing, so ${idle.join(", ")} ${idle.length === 1 ? "has" : "have"} no effect\n`,
    );
  }
  const [seed = 1, ...more] = options.seeds ?? [];
  if (more.length > 0) {
    throw new UsageError(
      `Exercise 0 simulates with one seed, but --seeds names ${
        1 + more.length
      }; give one, such as --seeds 7-7`,
    );
  }
  const { theory } = await import("./study_modules.ts");
  const exercise = await THEORY.load();
  return { study: theory(exercise, seed), introduction: exercise.introduction, folder: "." };
}

function idleOptions(options: SpecOptions & StudyOptions & { readonly turbo: boolean }): string[] {
  const given: Readonly<Record<string, boolean>> = {
    "--profile": options.profile !== undefined,
    "--until": options.until !== undefined,
    "--budget": options.budget !== undefined,
    "--dataset": options.dataset !== undefined,
    "--data-dir": options.dataDir !== undefined,
    "--backend": options.backend !== "auto",
    "--jobs": options.jobs !== undefined,
    "--threads": options.threads !== undefined,
    "--turbo": options.turbo,
    "--fresh": options.fresh,
    "--log": options.log !== undefined,
    "--serve": options.serve !== undefined,
    "--queue": options.queue !== undefined,
  };
  return Object.keys(given).filter((name) => given[name]);
}
