import { join } from "node:path";
import type { BackendChoice } from "#compute/device.ts";
import { chooseBackend } from "#compute/devices.ts";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { compareRuns, type Exactness, type Trained, type TrainedFile } from "#study/verification.ts";
import { openPool } from "../workers/pool.ts";
import type { RunStart } from "../workers/protocol.ts";
import type { DeviceInfo, RunRecord } from "#results/run.ts";
import type { Store } from "../storage/store.ts";
import { suggest } from "#lib/nearest.ts";
import { permutation, random } from "#lib/prng.ts";
import { readSafetensors } from "#lib/safetensors.ts";
import { planArms } from "#spec/plan.ts";
import { clockOf, type RunPlan } from "#spec/run_plan.ts";
import type { Spec } from "#spec/schema.ts";
import { readCheckpoint } from "#train/checkpoint.ts";
import { trainingCheckpointOf } from "../storage/checkpoints.ts";
import { diskStore } from "../storage/disk.ts";
import { defaultThreads } from "./experiment.ts";
import { SPLIT_SEED } from "./split_seed.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { CHECKPOINT, filesOf } from "../storage/run_files.ts";
import { readStartFiles } from "./start_files.ts";
import { spawnWorker } from "../workers/worker_port.ts";

export interface VerifyRequest {
  readonly spec: Spec;
  /** Folder that modules and checkpoint files of the spec are relative to. */
  readonly folder: string;
  readonly dataDir: string | null;
  readonly backend: BackendChoice;
  readonly threads: number | null;
  /** Id of the run that is taken; `null` for the first arm's first. */
  readonly run: string | null;
  /** Most steps of it; `null` for all. */
  readonly steps: number | null;
  /** Times that it is broken off. */
  readonly breaks: number;
}

export interface Verified extends Exactness {
  readonly run: string;
  readonly device: DeviceInfo;
  /** Steps after which it was broken off. */
  readonly broken_after: readonly number[];
}

/**
 * Trains a run of a spec twice in a scratch folder, once in one go and once broken off several times, each time gone
 * on from the checkpoint on disk in a new worker, and compares all that both told and left.
 *
 * @throws {UsageError} for a run that the spec does not have, or one that is too short to be broken off.
 */
export async function verifyResumption(request: VerifyRequest, io: CommandIo): Promise<Verified> {
  const { spec, folder, dataDir } = request;
  const data = await loadDataset({ ...spec.dataset, seed: SPLIT_SEED, dataDir }, denoFiles);
  const files = await readStartFiles(spec, folder);
  // Any rate shows whether resumption is exact.
  const rates = new Map(spec.arms.map(({ name }) => [name, spec.tune?.rates[0] ?? 0]));
  const plans = planArms(spec, data.train.count, rates, files);
  const plan = shortened(chosen(plans, request.run), request.steps);
  const breaks = breaksOf(plan, request.breaks);
  const { backend, why } = await chooseBackend(request.backend);
  const threads = request.threads ?? defaultThreads(backend, plans.length);
  const scratch = await Deno.makeTempDir({ prefix: "lr-lab-verify-" });
  const notify = (text: string) => io.stderr(text);
  try {
    const stores = ["whole", "broken"].map((name) =>
      diskStore(join(scratch, name), { from: folder, notify })
    );
    const [whole, broken] = stores as [Store, Store];
    let device: DeviceInfo | null = null;
    const leg = async (store: Store, one: RunPlan, start: RunStart | null, at: number) => {
      using pool = await openPool(1, spawnWorker, { backend, why, threads, folder, data });
      device = pool.device;
      const provenance = { at: "", device, data_digest: data.digest, commit: null, versions: {} };
      return await trainUntil(pool, store, { plan: one, provenance }, start, at);
    };
    /** What a run begins with; runs that it comes from are trained first, in one go. */
    const startOf = async ({ start }: RunPlan): Promise<RunStart | null> => {
      if (start === undefined) return null;
      if (start.kind === "file") return { bytes: await whole.startFile(start), own: false };
      const before = { ...start.plan, keep_end: true, read_test: false, predictions: false };
      notify(`Training ${before.id}, which ${plan.id} goes on from …\n`);
      await leg(whole, before, await startOf(before), before.total_steps);
      const bytes = await whole.file(before, "end.safetensors");
      if (bytes) return { bytes, own: false };
      throw new UsageError(`Cannot verify ${plan.id}: ${before.id}, which it goes on from, diverged`);
    };
    const start = await startOf(plan);

    notify(`Training ${plan.id} in one go: ${lengthOf(plan)} steps on ${backend} …\n`);
    const wholeState = await leg(whole, plan, start, plan.total_steps);
    let brokenState: Uint8Array | null = null;
    for (const at of [...breaks, plan.total_steps]) {
      notify(at < plan.total_steps ? `Breaking it off after step ${at} …\n` : "Going on to its end …\n");
      brokenState = await leg(broken, plan, start, at);
    }
    return {
      run: plan.id,
      device: device!,
      broken_after: breaks,
      ...compareRuns(
        await trained(join(scratch, "whole"), whole, plan, wholeState),
        await trained(join(scratch, "broken"), broken, plan, brokenState),
      ),
    };
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

function chosen(plans: readonly RunPlan[], id: string | null): RunPlan {
  const plan = id === null ? plans[0] : plans.find((plan) => plan.id === id);
  if (plan) return plan;
  throw new UsageError(`There is no run ${JSON.stringify(id)}; ${suggest(id!, plans.map(({ id }) => id))}`);
}

const lengthOf = ({ total_steps, first_step = 0 }: RunPlan) => total_steps - first_step;

/** The beginning of a run: its schedule is still that of the whole run. */
function shortened(plan: RunPlan, steps: number | null): RunPlan {
  const { origin, shape } = clockOf(plan);
  const first = plan.first_step ?? 0;
  return {
    ...plan,
    clock: { origin, total_steps: shape.totalSteps },
    total_steps: Math.min(plan.total_steps, first + (steps ?? Infinity)),
    keep_end: true,
  };
}

/** Distinct steps strictly between the first and the last, in order; the same for the same run. */
function breaksOf(plan: RunPlan, count: number): number[] {
  const inner = lengthOf(plan) - 1;
  if (inner < 1) {
    throw new UsageError(`Cannot verify ${plan.id}: a run of one step cannot be broken off within it`);
  }
  const shuffled = permutation(inner, random(plan.seed, "verify"));
  return [...shuffled.slice(0, count)].map((index) => (plan.first_step ?? 0) + 1 + index).sort((a, b) =>
    a - b
  );
}

/**
 * Begins a run, or goes on from its checkpoint in the store, and breaks off as a crash would right after the
 * checkpoint at a step: the worker is gone, whatever else it told. At the last step the run comes to its end.
 *
 * @returns the checkpoint; `null` where the run diverged before it.
 */
async function trainUntil(
  pool: Awaited<ReturnType<typeof openPool>>,
  store: Store,
  { plan, provenance }: Omit<RunRecord, "events" | "version">,
  start: RunStart | null,
  at: number,
): Promise<Uint8Array | null> {
  let writes = Promise.resolve();
  let checkpoint: Uint8Array | null = null;
  let isOver = false;
  const write = (work: () => Promise<void>) => {
    if (!isOver) writes = writes.then(work);
  };
  await new Promise<void>((resolve, reject) => {
    const listener = {
      startOf: async () => {
        const broken = await store.brokenOff(plan, provenance);
        if (broken) return { bytes: broken.checkpoint, own: true };
        await store.begin({ plan, provenance });
        return start;
      },
      onEvents: (_plan: RunPlan, events: RunRecord["events"]) => write(() => store.append(plan, events)),
      onFile: (_plan: RunPlan, file: { name: string; bytes: Uint8Array | null }) => {
        write(() => store.keep(plan, file));
        if (file.name !== CHECKPOINT) return;
        checkpoint = file.bytes;
        if (at === plan.total_steps) return;
        isOver = true;
        resolve();
      },
    };
    pool.run([plan], listener, null, at).then(resolve, reject);
  });
  await writes;
  return checkpoint;
}

/** What a run told and left, with its state after the last step, which is not kept on disk beyond its end. */
async function trained(
  folder: string,
  store: Store,
  plan: RunPlan,
  state: Uint8Array | null,
): Promise<Trained> {
  const record = (await store.records()).find((record) => record.plan.id === plan.id)!;
  const files = new Map<string, TrainedFile>();
  for await (const [name, bytes] of filesOf(join(folder, "runs", plan.id))) {
    files.set(name, name === "end.safetensors" ? stateOf(bytes) : { ...readSafetensors(bytes), about: "" });
  }
  if (state) files.set("the state after the last step", stateOf(state));
  return { events: record.events, files };
}

/** A checkpoint's tensors and bookkeeping; wall time alone may differ. */
function stateOf(bytes: Uint8Array): TrainedFile {
  const checkpoint = readCheckpoint(bytes);
  const { averaged, best } = trainingCheckpointOf(checkpoint).trainer;
  return {
    tensors: checkpoint.state,
    about: JSON.stringify({ step: checkpoint.step, feedback: checkpoint.feedback, averaged, best }),
  };
}
