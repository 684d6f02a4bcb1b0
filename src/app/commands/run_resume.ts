import { join } from "node:path";
import { stringify } from "yaml";
import type { BackendChoice } from "#compute/device.ts";
import { chooseBackend } from "#compute/devices.ts";
import { isTurbo } from "#compute/wasm/device.ts";
import type { Question } from "#study/exercise.ts";
import { type Clock, CLOCKS, longer } from "#spec/longer.ts";
import { parseSpec } from "#spec/parse.ts";
import type { Spec } from "#spec/schema.ts";
import { EXERCISES } from "#exercises/catalog.ts";
import { type CommandIo, Failure, UsageError } from "../io.ts";
import { type KeptOrigin, readOrigin } from "../storage/origin.ts";
import { relaunchTurbo } from "../session/turbo.ts";
import { type Verified, verifyResumption } from "../session/verify.ts";
import { quoted, type RunOptions, runSpec, VOCABULARY } from "./run_experiment.ts";

/** What `resume` was asked for on the command line. */
export interface ResumeOptions extends Omit<RunOptions, "backend" | "out" | "resume" | "fresh"> {
  /** Absent for the one that the experiment was begun on. */
  readonly backend?: BackendChoice | undefined;
  readonly run?: string | undefined;
  readonly steps?: number | undefined;
  readonly out?: string | undefined;
}

/** Times that `--verify` breaks a run off. */
const BREAKS = 3;

/** Goes on with what is in the folder from its own spec. @throws {UsageError} where there is nothing to go on with. */
export async function resumeExperiment(
  folder: string,
  options: ResumeOptions,
  io: CommandIo,
): Promise<void> {
  if (options.turbo && !isTurbo()) return await relaunchTurbo();
  const { spec, origin } = await openExperiment(folder);
  const questions = origin.exercise === null ? [] : await questionsOf(origin.exercise, folder);
  await runSpec(
    spec,
    { ...origin, questions },
    { ...options, ...await placeOf(origin, options), out: folder, resume: true, fresh: false },
    io,
  );
}

/** Proves on this machine that a run of the experiment goes on exactly. @throws {Failure} where it does not. */
export async function verifyExperiment(
  folder: string,
  options: ResumeOptions,
  io: CommandIo,
): Promise<void> {
  if (options.turbo && !isTurbo()) return await relaunchTurbo();
  const { spec, origin } = await openExperiment(folder);
  const { dataDir, backend, threads } = await placeOf(origin, options);
  const verified = await verifyResumption({
    spec,
    folder: origin.folder,
    dataDir: dataDir ?? null,
    backend,
    threads: threads ?? null,
    run: options.run ?? null,
    steps: options.steps ?? null,
    breaks: BREAKS,
  }, io);
  io.stdout(options.format === "json" ? JSON.stringify(verified, null, 2) + "\n" : verdictOf(verified));
  if (verified.difference !== null) {
    throw new Failure(`Resumption is not exact here. The first difference: ${verified.difference}`);
  }
}

function verdictOf({ run, device, broken_after, steps, evaluations, tensors, values, ...rest }: Verified) {
  const count = (number: number) => number.toLocaleString("en");
  return `${run} on ${device.name} (${device.detail}), broken off after steps ${broken_after.join(", ")}
Compared with the run in one go: loss, rate and momentum of ${count(steps)} steps, ${
    count(evaluations)
  } evaluations, ${count(tensors)} tensors of ${count(values)} numbers
${rest.difference === null ? "The same, bit for bit" : "Not the same"}
`;
}

/**
 * A new experiment that goes on from the ends of the one in the folder. Runs that this lab made on this device are
 * taken over as they are; others are trained again, to the same ends.
 */
export async function lengthenExperiment(
  folder: string,
  duration: string,
  clock: Clock,
  options: ResumeOptions,
  io: CommandIo,
): Promise<void> {
  if (options.turbo && !isTurbo()) return await relaunchTurbo();
  const { spec, origin } = await openExperiment(folder);
  const longerSpec = longer(spec, duration, clock);
  const checked = parseSpec(
    stringify(longerSpec),
    { file: folder, profile: null, overrides: {} },
    VOCABULARY,
  );
  await runSpec(
    checked,
    {
      command: `deno task resume ${quoted(folder)} --duration ${quoted(duration)} --then ${clock}`,
      exercise: null,
      introduction:
        `A continuation of “${spec.name}”: every arm goes on from the end of its own run of the same seed, to ` +
        `${duration} in all; ${CLOCKS[clock]}.`,
      folder: origin.folder,
      questions: [],
    },
    { ...options, ...await placeOf(origin, options), resume: false, fresh: false, earlier: folder },
    io,
  );
}

/** The data folder, device and threads that the experiment was begun with, where the command names no other. */
async function placeOf(
  origin: KeptOrigin,
  options: ResumeOptions,
): Promise<{ dataDir: string | undefined; backend: BackendChoice; threads: number | undefined }> {
  const begun = origin.backend ?? "auto";
  // Where it is what `auto` takes, the record also says why.
  const automatic = options.backend === undefined && (await chooseBackend("auto")).backend === begun;
  return {
    dataDir: options.dataDir ?? origin.dataDir ?? undefined,
    backend: options.backend ?? (automatic ? "auto" : begun),
    threads: options.threads ?? (options.backend === undefined ? origin.threads ?? undefined : undefined),
  };
}

async function questionsOf(exercise: string, folder: string): Promise<readonly Question[]> {
  const entry = Object.hasOwn(EXERCISES, exercise) ? EXERCISES[exercise] : undefined;
  if (entry) return (await entry.load()).questions;
  throw new UsageError(
    `Cannot resume ${folder}: it is of exercise ${exercise}, which this lab does not have`,
  );
}

/** The spec that an experiment's folder holds, checked, and how it was asked for. @throws {UsageError} {SpecError} */
export async function openExperiment(folder: string): Promise<{ spec: Spec; origin: KeptOrigin }> {
  const file = join(folder, "spec.yaml");
  const text = await Deno.readTextFile(file).catch(async (error) => {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    const there = await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false);
    throw new UsageError(
      there
        ? `Cannot resume ${folder}: it holds no experiment (no spec.yaml)`
        : `Cannot resume ${folder}: there is no such folder`,
    );
  });
  const origin = await readOrigin(folder);
  return { spec: parseSpec(text, { file, profile: null, overrides: {} }, VOCABULARY), origin };
}
