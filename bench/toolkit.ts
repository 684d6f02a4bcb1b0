import type { Backend, DeviceInfo } from "#compute/device.ts";
import { openBackend } from "#compute/devices.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { readCheckpoint, writeCheckpoint } from "#train/checkpoint.ts";
import { epochBatches } from "#train/batches.ts";
import type { Batch, Learner, LearnerState } from "#train/learner.ts";
import { momentumOf, type OptimizerSpec, usualOptimizer } from "#train/optimizer.ts";
import { OPTIMIZERS } from "#train/optimizers/catalog.ts";
import { randomImages } from "./random_images.ts";
import { type Spread, spread } from "./statistics.ts";

export interface ToolkitOptions {
  readonly backend: Backend;
  readonly model: string;
  readonly batch: number;
  /** Steps in a round. */
  readonly steps: number;
  readonly rounds: number;
  readonly threads: number;
}

/** Output of `bench toolkit --format json`. */
export interface ToolkitFigures {
  readonly model: string;
  readonly batch: number;
  readonly device: DeviceInfo;
  /** Plain SGD with momentum. */
  readonly ms_per_step: Spread;
  readonly variants: readonly {
    readonly name: string;
    /** Time of a round through that of plain SGD in the same round. */
    readonly ratio: Spread;
    /** Bytes of state beyond plain SGD's. */
    readonly extra_bytes: number;
  }[];
  readonly checkpoint: {
    readonly bytes: number;
    readonly take_ms: Spread;
    readonly encode_ms: Spread;
    readonly decode_ms: Spread;
  };
}

const SGD: OptimizerSpec = { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null };
/** Steps from a snapshot to the next: a cycle of an epoch of some thousand images. */
const SNAPSHOT_EVERY = 20;

interface Variant {
  readonly name: string;
  readonly optimizer: OptimizerSpec;
  readonly averages?: readonly string[];
  readonly gradientNorms?: boolean;
  /** Work after step `step`. */
  readonly after?: (learner: Learner, step: number) => Promise<unknown> | void;
}

const PLAIN: Variant = { name: "plain", optimizer: SGD };
const VARIANTS: readonly Variant[] = [
  { name: "clip_norm", optimizer: { ...SGD, clip_norm: 1 } },
  { name: "gradient norms", optimizer: SGD, gradientNorms: true },
  {
    name: "two parameter groups",
    optimizer: { ...SGD, groups: [{ match: "conv1/*", lr_factor: 0.1 }, { match: "dense/*" }] },
  },
  ...OPTIMIZERS.filter(({ name }) => name !== "sgd").map(({ name }) => ({
    name,
    optimizer: usualOptimizer(name),
  })),
  {
    name: "average after every step",
    optimizer: SGD,
    averages: ["ema"],
    after: (learner) => learner.average("ema", 0.01),
  },
  {
    name: `snapshot every ${SNAPSHOT_EVERY} steps`,
    optimizer: SGD,
    after: (learner, step) => step % SNAPSHOT_EVERY === SNAPSHOT_EVERY - 1 ? learner.save() : undefined,
  },
];

/** Cost of the toolkit around a step, each variant in alternation with plain SGD; and a checkpoint's size and time. */
export async function benchToolkit(
  options: ToolkitOptions,
  note: (text: string) => void,
): Promise<ToolkitFigures> {
  const { backend, model: name, batch, steps, rounds, threads } = options;
  using device = await openBackend(backend, "", { threads });
  const data = randomImages(steps * batch);
  const model = buildModel(name, data.shape, data.classes.length, data.labelUnit);
  const batches = [...epochBatches({ seed: 1, count: data.train.count, batchSize: batch, augment: [] }, 0)];
  const open = ({ optimizer, averages = [], gradientNorms = false }: Variant) =>
    device.createLearner({
      model,
      optimizer,
      data,
      batchSize: batch,
      averages,
      gradientNorms,
      initial: initialWeights(model, 1),
    });

  using plain = await open(PLAIN);
  const plainBytes = bytesOf(await plain.save());
  await round(plain, PLAIN, batches);
  const plainMs: number[] = [];
  const variants: ToolkitFigures["variants"][number][] = [];
  for (const variant of VARIANTS) {
    using learner = await open(variant);
    await round(learner, variant, batches);
    const ratios: number[] = [];
    for (let time = 0; time < rounds; time++) {
      const before = await round(plain, PLAIN, batches);
      const own = await round(learner, variant, batches);
      plainMs.push(before / steps);
      ratios.push(own / before);
    }
    const ratio = spread(ratios);
    note(`${variant.name}: ${ratio.median.toFixed(2)}\n`);
    const extra_bytes = bytesOf(await learner.save()) - plainBytes;
    variants.push({ name: variant.name, ratio, extra_bytes });
  }
  return {
    model: name,
    batch,
    device: device.info,
    ms_per_step: spread(plainMs),
    variants,
    checkpoint: await checkpointFigures(plain, name, rounds),
  };
}

/** Milliseconds that a round takes. */
async function round(learner: Learner, variant: Variant, batches: readonly Batch[]): Promise<number> {
  const started = performance.now();
  const { groups } = variant.optimizer;
  const controls = {
    lr: 0.01,
    momentum: momentumOf(variant.optimizer),
    ...(groups && { groups: [0.001, 0.01] }),
  };
  for (const [step, batch] of batches.entries()) {
    learner.update(batch, controls);
    await variant.after?.(learner, step);
  }
  await learner.losses();
  return performance.now() - started;
}

async function checkpointFigures(learner: Learner, model: string, rounds: number) {
  const [take, encode, decode]: number[][] = [[], [], []];
  let bytes = 0;
  for (let time = 0; time < rounds; time++) {
    const started = performance.now();
    const state = await learner.save();
    const taken = performance.now();
    const about = { version: 2, key: "", device: "", data_digest: "", model, step: 0, events: 0 } as const;
    const file = await writeCheckpoint({ ...about, state, feedback: null, trainer_state: null });
    const written = performance.now();
    await readCheckpoint(file);
    decode!.push(performance.now() - written);
    encode!.push(written - taken);
    take!.push(taken - started);
    bytes = file.length;
  }
  return { bytes, take_ms: spread(take!), encode_ms: spread(encode!), decode_ms: spread(decode!) };
}

function bytesOf(state: LearnerState): number {
  return Object.values(state).reduce((sum, { data }) => sum + data.byteLength, 0);
}
