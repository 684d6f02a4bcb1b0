import type { DeviceInfo } from "#compute/device.ts";
import { buildModel, MODELS } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { openWebgpuLearner } from "#compute/webgpu/device.ts";
import type { KernelTime } from "#compute/webgpu/profile.ts";
import type { WebgpuLearner } from "#compute/webgpu/learner.ts";
import { epochBatches } from "#train/batches.ts";
import type { Batch } from "#train/learner.ts";
import { STEPS_PER_READ } from "#train/loop.ts";
import { createReadback } from "#train/readback.ts";
import { hostMs } from "./host.ts";
import { randomImages, randomText } from "./random_images.ts";
import { type Spread, spread } from "./statistics.ts";

const CONTROLS = { lr: 0.01, momentum: 0.9, step: 0 };
/** Length of a round, where that is not too many steps. */
const ROUND_MS = 1000;
const MOST_STEPS = 1024;

/** The key `profile` of `bench --profile --format json`: milliseconds of one step, medians over rounds. */
export interface ProfileFigures {
  readonly model: string;
  /** Height and width of an image, or tokens of a window. */
  readonly size: number;
  readonly batch: number;
  readonly device: DeviceInfo;
  /** Wall time of steps as training makes them, losses on their way while the device continues. */
  readonly ms_per_step: Spread;
  /** JavaScript, submissions included, as {@link hostMs} measures it. */
  readonly host_ms: Spread;
  /** Losses on their way to the host, by step: what a device that is waited for would stand still. */
  readonly read_ms: Spread;
  /** All kernels together, and each, slowest first; `null` where the adapter has no timestamps. */
  readonly kernel_ms: number | null;
  readonly kernels: readonly KernelTime[] | null;
}

export interface ProfileOptions {
  readonly model: string;
  readonly size: number;
  readonly batch: number;
  readonly rounds: number;
}

/** Breakdown of the time of a WebGPU step. @throws {WebgpuUnavailable} where there is no adapter. */
export async function benchProfile(
  { model: name, size, batch: batchSize, rounds }: ProfileOptions,
): Promise<ProfileFigures> {
  const isText = MODELS[name]?.labelUnit === "token";
  const count = Math.max(256, batchSize);
  const data = isText ? randomText(count, size) : randomImages(count, size);
  const model = buildModel(name, data.shape, data.classes.length, data.labelUnit);
  const opened = await openWebgpuLearner({
    model,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weight_decay: 5e-4, clip_norm: null },
    data,
    batchSize,
    initial: initialWeights(model, 1),
  });
  using _device = opened;
  using learner = opened.learner;
  const plan = {
    seed: 1,
    count: data.train.count,
    batchSize,
    augment: isText ? [] : ["crop", "flip"] as const,
  };
  const [batch] = epochBatches(plan, 0);
  const [wall, host, read] = [[], [], []] as number[][];
  const profiles: KernelTime[][] = [];
  // Drivers compile in the first steps; then it is known how many fill a round.
  await timed(learner, batch!, STEPS_PER_READ);
  const warm = await timed(learner, batch!, STEPS_PER_READ);
  const steps = Math.min(MOST_STEPS, Math.max(STEPS_PER_READ, Math.ceil(ROUND_MS / warm.msPerStep)));
  for (let round = 0; round < rounds; round++) {
    host!.push(await hostMs(learner, batch!, CONTROLS));
    const { msPerStep, readMs } = await timed(learner, batch!, steps);
    wall!.push(msPerStep);
    read!.push(readMs / STEPS_PER_READ);
    const times = await learner.profile(batch!, CONTROLS);
    if (times) profiles.push(times);
  }
  const kernels = profiles.length === 0 ? null : medians(profiles);
  return {
    model: name,
    size,
    batch: batchSize,
    device: opened.info,
    ms_per_step: spread(wall!),
    host_ms: spread(host!),
    read_ms: spread(read!),
    kernel_ms: kernels && kernels.reduce((sum, { ms }) => sum + ms, 0),
    kernels,
  };
}

/** Steps as training makes them; then how long the losses of one group need once the device is done. */
async function timed(learner: WebgpuLearner, batch: Batch, steps: number) {
  await learner.settle();
  const began = performance.now();
  const readback = createReadback(learner, () => performance.now());
  for (let done = 1; done <= steps; done++) {
    learner.update(batch, CONTROLS);
    if (done % STEPS_PER_READ !== 0 && done < steps) continue;
    readback.ask();
    while (await readback.next(done === steps) !== null);
  }
  const msPerStep = (performance.now() - began) / steps;
  learner.update(batch, CONTROLS);
  await learner.settle();
  const settled = performance.now();
  await learner.losses();
  return { msPerStep, readMs: performance.now() - settled };
}

/** The same kernels of several steps, each with its median time. */
function medians(profiles: readonly KernelTime[][]): KernelTime[] {
  const all = profiles.flat();
  return profiles[0]!.map(({ name, dispatches }) => ({
    name,
    dispatches,
    ms: spread(all.filter((time) => time.name === name).map(({ ms }) => ms)).median,
  })).sort((a, b) => b.ms - a.ms);
}
