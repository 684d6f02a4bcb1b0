import type { BackendChoice } from "#compute/device.ts";
import { MODELS } from "#compute/models.ts";
import { isTurbo } from "#compute/wasm/device.ts";
import { DATASET_NAMES } from "#datasets/catalog.ts";
import type { Question } from "#study/exercise.ts";
import { parseSpec } from "#spec/parse.ts";
import type { Spec, Vocabulary } from "#spec/schema.ts";
import { dirname, join } from "node:path";
import { runExperiment } from "../session/experiment.ts";
import { type CommandIo, Interrupted } from "../io.ts";
import type { ExperimentOrigin } from "../storage/origin.ts";
import { openInBrowser } from "../open.ts";
import { relaunchTurbo } from "../session/turbo.ts";

/** How an experiment is run, whatever is measured. */
export interface RunOptions {
  readonly dataDir?: string | undefined;
  readonly backend: BackendChoice;
  readonly jobs?: number | undefined;
  readonly threads?: number | undefined;
  readonly turbo: boolean;
  readonly out?: string | undefined;
  readonly resume: boolean;
  /** Folder of the experiment whose runs are gone on from. */
  readonly earlier?: string | undefined;
  readonly fresh: boolean;
  readonly checkpointEvery: number;
  readonly open: boolean;
  readonly format: "text" | "json";
}

/** What `exercise` and `train` were asked for on the command line. */
export interface ExperimentOptions extends RunOptions {
  readonly profile?: string | undefined;
  readonly dataset?: string | undefined;
  readonly seeds?: readonly number[] | undefined;
}

/** What a spec may name. */
export const VOCABULARY: Vocabulary = { datasets: DATASET_NAMES, models: Object.keys(MODELS) };

export interface SpecText {
  readonly file: string;
  readonly text: string;
  readonly defaultProfile: string | null;
  readonly questions: readonly Question[];
  readonly introduction: string;
  /** Its number; `null` for a spec of one's own. */
  readonly exercise: string | null;
  /** The command as typed, without its options. */
  readonly command: string;
}

/** Parses the spec, runs it, prints the result. @throws {Interrupted} after a run that was stopped. */
export async function runFromText(
  source: SpecText,
  options: ExperimentOptions,
  io: CommandIo,
): Promise<void> {
  if (options.turbo && !isTurbo()) return await relaunchTurbo();
  const spec = parseSpec(source.text, {
    file: source.file,
    profile: options.profile ?? source.defaultProfile,
    overrides: {
      ...(options.dataset !== undefined && { "dataset.name": options.dataset }),
      ...(options.seeds && { seeds: options.seeds }),
    },
  }, VOCABULARY);
  const { questions, introduction, exercise, file, command } = source;
  const origin = { introduction, exercise, folder: dirname(file), command: commandLine(command, options) };
  await runSpec(spec, { ...origin, questions }, options, io);
}

/** Runs a spec and prints the result. @throws {Interrupted} after a run that was stopped. */
export async function runSpec(
  spec: Spec,
  { questions, ...origin }: ExperimentOrigin & { readonly questions: readonly Question[] },
  options: RunOptions,
  io: CommandIo,
): Promise<void> {
  const { folder, summary, report, interrupted } = await runExperiment({
    spec,
    questions,
    origin,
    dataDir: options.dataDir ?? null,
    backend: options.backend,
    jobs: options.jobs ?? null,
    threads: options.threads ?? null,
    out: options.out ?? null,
    resume: options.resume,
    ...(options.earlier !== undefined && { earlier: options.earlier }),
    fresh: options.fresh,
    checkpointS: options.checkpointEvery,
  }, io);

  const page = join(folder, "report.html");
  if (options.format === "json") {
    io.stdout(JSON.stringify({ ...summary, folder }, null, 2) + "\n");
  } else {
    const { renderTerminal } = await import("#report/render/terminal.ts");
    const color = io.isTerminal && !io.env("NO_COLOR");
    io.stdout(renderTerminal(report, { columns: io.columns, color, page }));
  }
  if (options.open) await openInBrowser(page, io);
  if (interrupted) throw new Interrupted();
}

/** A word of a command line. */
export function quoted(text: string): string {
  return /^[\w./:,@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command that makes the experiment again, with the options that change what is measured. */
function commandLine(command: string, options: ExperimentOptions): string {
  const parts = [`deno task ${command}`];
  if (options.profile !== undefined) parts.push(`--profile ${quoted(options.profile)}`);
  if (options.dataset !== undefined) parts.push(`--dataset ${quoted(options.dataset)}`);
  if (options.dataDir !== undefined) parts.push(`--data-dir ${quoted(options.dataDir)}`);
  if (options.backend !== "auto") parts.push(`--backend ${options.backend}`);
  if (options.seeds) {
    parts.push(
      `--seeds ${
        options.seeds.length === 1 ? `${options.seeds[0]}-${options.seeds[0]}` : options.seeds.join(",")
      }`,
    );
  }
  return parts.join(" ");
}
