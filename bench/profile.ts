import type { DeviceInfo } from "#compute/device.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { openWebgpuLearner } from "#compute/webgpu/device.ts";
import type { KernelTime } from "#compute/webgpu/profile.ts";
import { epochBatches } from "#train/batches.ts";
import { hostMs } from "./host.ts";
import { noiseImages } from "./noise.ts";
import { type Spread, spread } from "./statistics.ts";

const CONTROLS = { lr: 0.01, momentum: 0.9, step: 0 };
/** As often as the training loop reads losses. */
const UPDATES_PER_READ = 16;

/** What `bench --profile --format json` adds as `profile`: milliseconds of one update, medians over rounds. */
export interface ProfileFigures {
  readonly model: string;
  readonly batch: number;
  readonly device: DeviceInfo;
  /** Wall time, of sixteen updates and the read of their losses. */
  readonly ms_per_step: Spread;
  /** JavaScript, submissions included, as {@link hostMs} measures it. */
  readonly host_ms: Spread;
  /** Losses on their way to the host, once the device is done. */
  readonly read_ms: Spread;
  /** All kernels together, and each, slowest first; `null` where the adapter has no timestamps. */
  readonly kernel_ms: number | null;
  readonly kernels: readonly KernelTime[] | null;
}

/** Where the time of a WebGPU update goes. @throws {WebgpuUnavailable} where there is no adapter. */
export async function benchProfile(name: string, batchSize: number, rounds: number): Promise<ProfileFigures> {
  const data = noiseImages(Math.max(256, batchSize));
  const model = buildModel(name, data.shape, data.classes.length);
  const opened = await openWebgpuLearner({
    model,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weight_decay: 5e-4, clip_norm: null },
    data,
    batchSize,
    initial: initialWeights(model, 1),
  });
  using _device = opened;
  using learner = opened.learner;
  const plan = { seed: 1, count: data.train.count, batchSize, augment: ["crop", "flip"] as const };
  const [batch] = epochBatches(plan, 0);
  const [wall, host, read] = [[], [], []] as number[][];
  const profiles: KernelTime[][] = [];
  for (let round = -1; round < rounds; round++) {
    const javascript = await hostMs(learner, batch!, CONTROLS);
    const began = performance.now();
    for (let step = 0; step < UPDATES_PER_READ; step++) learner.update(batch!, CONTROLS);
    await learner.settle();
    const done = performance.now();
    await learner.losses();
    const ended = performance.now();
    // Drivers compile in the first round.
    if (round < 0) continue;
    wall!.push((ended - began) / UPDATES_PER_READ);
    host!.push(javascript);
    read!.push((ended - done) / UPDATES_PER_READ);
    const times = await learner.profile(batch!, CONTROLS);
    if (times) profiles.push(times);
  }
  const kernels = profiles.length === 0 ? null : medians(profiles);
  return {
    model: name,
    batch: batchSize,
    device: opened.info,
    ms_per_step: spread(wall!),
    host_ms: spread(host!),
    read_ms: spread(read!),
    kernel_ms: kernels && kernels.reduce((sum, { ms }) => sum + ms, 0),
    kernels,
  };
}

/** The same kernels of several updates, each with its median time. */
function medians(profiles: readonly KernelTime[][]): KernelTime[] {
  const all = profiles.flat();
  return profiles[0]!.map(({ name, dispatches }) => ({
    name,
    dispatches,
    ms: spread(all.filter((time) => time.name === name).map(({ ms }) => ms)).median,
  })).sort((a, b) => b.ms - a.ms);
}
