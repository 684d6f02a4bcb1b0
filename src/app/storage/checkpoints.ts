import { isObject } from "#lib/json.ts";
import { sha256Hex } from "#lib/sha256.ts";
import type { DeviceInfo } from "#results/run.ts";
import { modelText } from "#spec/model_text.ts";
import { runKey } from "#spec/plan.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import { type Checkpoint, CheckpointError } from "#train/checkpoint.ts";
import { VERSION } from "#train/checkpoint_versions.ts";
import type { HostTensor, LearnerState } from "#train/learner.ts";
import type { TrainerState, TrainingCheckpoint, Weights } from "#train/trainer_state.ts";
import { JUDGED } from "#train/weights.ts";

/** The run, device, data and model of a checkpoint: no other run can resume from it. */
export type CheckpointIdentity = Pick<Checkpoint, "key" | "device" | "data_digest" | "model">;

export async function checkpointIdentity(
  plan: RunPlan,
  device: DeviceInfo,
  dataDigest: string,
): Promise<CheckpointIdentity> {
  return {
    key: await sha256Hex(runKey(plan)),
    device: `${device.name} (${device.detail})`,
    data_digest: dataDigest,
    model: modelText(plan.model),
  };
}

/**
 * The content of a checkpoint file: retained weights lie beside the learner's state, as `retained/snapshot/2/conv1/kernel`.
 *
 * @param events logged before the checkpoint.
 */
export function checkpointOf(
  identity: CheckpointIdentity,
  events: number,
  { step, state, feedback, trainer, retained }: TrainingCheckpoint,
): Checkpoint {
  const tensors = [...retained].flatMap(([name, weights]) =>
    Object.entries(weights).map(([parameter, tensor]) => [`retained/${name}/${parameter}`, tensor] as const)
  );
  return {
    version: VERSION,
    ...identity,
    step,
    events,
    state: { ...state, ...Object.fromEntries(tensors) },
    feedback: feedback ?? null,
    trainer_state: { ...trainer, retained: [...retained.keys()] },
  };
}

/** The inverse of {@link checkpointOf}. @throws {CheckpointError} for a trainer state that no run has written. */
export function trainingCheckpointOf(
  { step, state, feedback, trainer_state }: Checkpoint,
): TrainingCheckpoint {
  const { retained: names, ...trainer } = checkTrainerState(trainer_state);
  const own = Object.entries(state).filter(([name]) => !name.startsWith("retained/"));
  const retained = names.map((name): [string, Weights] => [name, below(state, `retained/${name}/`)]);
  return { step, state: Object.fromEntries(own), feedback, trainer, retained: new Map(retained) };
}

type SavedTrainerState = TrainerState & { readonly retained: readonly string[] };

function checkTrainerState(saved: unknown): SavedTrainerState {
  const { averaged, busy_ms, retained } = record(saved) ?? {};
  const problem = !Object.values(record(averaged) ?? { none: null }).every(isCount)
    ? `averaged is ${JSON.stringify(averaged)}: expected how often each average was taken`
    : !isAmount(busy_ms)
    ? `busy_ms is ${JSON.stringify(busy_ms)}: expected milliseconds`
    : !Array.isArray(retained) || !retained.every((name) => typeof name === "string")
    ? `retained is ${JSON.stringify(retained)}: expected names`
    : null;
  if (problem !== null) throw new CheckpointError(`The checkpoint's ${problem}`);
  return saved as SavedTrainerState;
}

const record = (value: unknown) => isObject(value) ? value : null;
const isAmount = (value: unknown) => typeof value === "number" && Number.isFinite(value) && value >= 0;
const isCount = (value: unknown) => Number.isSafeInteger(value) && isAmount(value);

function below(state: LearnerState, prefix: string): Weights {
  const entries = Object.entries(state).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/**
 * The state that a run begins with when it starts from the end of another: that one's parameters, and its optimizer's
 * slots, counts and scalars where this run's optimizer keeps the same ones. Where it does not, and that one trained other
 * weights than its model is judged by, it starts from these. Averages begin anew.
 *
 * @param fresh the learner's state before its first step.
 * @throws {CheckpointError} where the checkpoint lacks a parameter of the model, or has it in another shape.
 */
export function startingState(
  { model, state }: Checkpoint,
  { trainable, all }: { readonly trainable: readonly string[]; readonly all: readonly string[] },
  fresh: LearnerState,
): LearnerState {
  const fits = (name: string) => String(state[name]?.shape) === String(fresh[name]!.shape);
  const misfit = all.find((name) => !fits(name));
  if (misfit !== undefined) {
    const held = state[misfit]
      ? `[${state[misfit].shape}] there and [${fresh[misfit]!.shape}] here`
      : "not in it";
    throw new CheckpointError(`Cannot start from a checkpoint of model ${model}: ${misfit} is ${held}`);
  }
  const slots = Object.keys(fresh).filter((name) =>
    name.startsWith("optimizer/") || trainable.some((parameter) => name.startsWith(`${parameter}/`))
  );
  if (slots.every(fits)) {
    return Object.fromEntries([...all, ...slots].map((name): [string, HostTensor] => [name, state[name]!]));
  }
  const judged = below(state, `retained/${JUDGED}/`);
  return Object.fromEntries(all.map((name): [string, HostTensor] => [name, judged[name] ?? state[name]!]));
}
