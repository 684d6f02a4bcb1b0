import { dirname } from "node:path";
import { DATASET_VOCABULARY, DATASETS } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import type { OptimizerChoice } from "#schedules/frameworks/optimizer.ts";
import type { RunFacts } from "#schedules/finding.ts";
import { type StartFiles, startPaths } from "#spec/lineage.ts";
import { parseSpec } from "#spec/parse.ts";
import { NO_FILES, planArms, PlanError } from "#spec/plan.ts";
import { type RunPlan, scheduleHorizon } from "#spec/run_plan.ts";
import type { Spec } from "#spec/schema.ts";
import { tunedArm } from "#spec/tuned.ts";
import { entryOf } from "#train/optimizer.ts";
import { UsageError } from "../errors.ts";
import { dataRequest } from "../data/data_request.ts";
import type { Arms, PlacedArm } from "./facts.ts";
import { type Trace, traceOf } from "./traces.ts";

/** A file with a whole spec. */
interface SpecFile {
  readonly path: string;
  readonly text: string;
  readonly whole: Readonly<Record<string, unknown>>;
  readonly profile: string | null;
}

/**
 * The arms of a spec, each in the run that `train` plans for it: its own batch size, accumulation, length, optimizer and
 * parent. Of several seeds and members the first stands for all, as their runs are equally long.
 *
 * @throws {SpecError} for a spec that `train` would refuse.
 * @throws {UsageError} for an arm that cannot be planned, or a checkpoint file that cannot be read.
 */
export async function plannedArms({ path, text, whole, profile }: SpecFile): Promise<Arms> {
  const spec = parseSpec(text, { file: path, profile, overrides: defaultsFor(whole) }, {
    ...DATASET_VOCABULARY,
    models: [String(whole.model ?? ANY_MODEL)],
  });
  const folder = dirname(path);
  const files = startPaths(spec).length === 0 ? NO_FILES : await startFiles(spec, folder);
  const lr = spec.tune?.rates[0];
  const plans = await planned(spec, folder, files, lr);
  const tuned = spec.arms.filter(({ name, schedule }) => tunedArm(schedule, name) !== null);
  return {
    arms: spec.arms.map(({ name }) => armOf(plans.find(({ arm }) => arm === name)!)),
    folder,
    facts: {},
    shape: { totalSteps: null, stepsPerEpoch: null },
    ...(lr !== undefined && tuned.length > 0 && { untuned: { arms: tuned.map(({ name }) => name), lr } }),
  };
}

const ANY_MODEL = "cnn-small";

/** Keys that a run's length does not depend on; a file that is only looked at may lack them. */
function defaultsFor(whole: SpecFile["whole"]): Record<string, unknown> {
  const defaults = { name: "schedules", model: ANY_MODEL, seeds: [1] };
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => whole[key] === undefined));
}

/** Every arm's first run; tuned rates are those that tuning tries first. */
async function planned(
  spec: Spec,
  folder: string,
  files: StartFiles,
  lr: number | undefined,
): Promise<RunPlan[]> {
  const chosen = new Map(lr === undefined ? [] : spec.arms.map(({ name }) => [name, lr] as const));
  const [seed] = spec.seeds;
  try {
    const { trainCount } = DATASETS[spec.dataset.name]!;
    const trainImages = await trainCount(dataRequest(spec, folder, null), denoFiles);
    return planArms({ ...spec, seeds: [seed!] }, trainImages, chosen, files);
  } catch (error) {
    if (error instanceof PlanError || (error as Error).name === "DataError") {
      throw new UsageError((error as Error).message, { cause: error });
    }
    throw error;
  }
}

async function startFiles(spec: Spec, folder: string): Promise<StartFiles> {
  const { readStartFiles } = await import("../session/start_files.ts");
  return await readStartFiles(spec, folder);
}

/** The curves of planned runs without modules of their own. */
export const tracesOf = (plans: readonly RunPlan[]): Trace[] => plans.map((plan) => traceOf(armOf(plan), {}));

/** A plan's schedule in its run. */
function armOf(plan: RunPlan): PlacedArm {
  const { shape, origin } = scheduleHorizon(plan);
  const from = plan.first_step ?? 0;
  return {
    name: plan.arm,
    schedule: plan.schedule,
    ...choiceOf(plan.optimizer),
    run: { shape, origin, first: from - origin, steps: plan.total_steps - from, facts: factsOf(plan) },
  };
}

/** The plan's optimizer as emitted code makes it; groups and clipping are the loop's. Code makes four of them. */
function choiceOf(optimizer: RunPlan["optimizer"]): Pick<PlacedArm, "optimizer" | "unemitted"> {
  const { name } = optimizer;
  if (!isEmitted(name)) {
    return {
      unemitted: `emitted code makes ${EMITTED.join(", ")}, not ${name}. That is ` +
        `${entryOf(optimizer).elsewhere}: emit the schedule with one of the four, and replace it`,
    };
  }
  return {
    optimizer: {
      name,
      ...("momentum" in optimizer && { momentum: optimizer.momentum }),
      ...("nesterov" in optimizer && optimizer.nesterov && { nesterov: true }),
      ...("betas" in optimizer && { betas: optimizer.betas }),
      ...(optimizer.weight_decay > 0 && { weight_decay: optimizer.weight_decay }),
    },
  };
}

const EMITTED: readonly OptimizerChoice["name"][] = ["sgd", "adam", "adamw", "rmsprop"];

function isEmitted(name: string): name is OptimizerChoice["name"] {
  return EMITTED.some((each) => each === name);
}

/** Facts of a run that the linter asks for. */
function factsOf(plan: RunPlan): RunFacts {
  const { optimizer, snapshots, eval_every, accumulate } = plan;
  return {
    optimizer: optimizer.name,
    clipNorm: optimizer.clip_norm ?? null,
    resetsOptimizer: optimizer.reset_at_restart === true,
    snapshots: snapshots !== undefined,
    evalEvery: eval_every,
    ...(accumulate !== undefined && { accumulate }),
  };
}
