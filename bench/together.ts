import process from "node:process";
import type { DeviceInfo } from "#compute/device.ts";
import { buildModel, MODELS } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { infoOf } from "#compute/webgpu/device.ts";
import { Gpu } from "#compute/webgpu/gpu.ts";
import { ReplicaGroups } from "#compute/webgpu/replica_groups.ts";
import { Sources } from "#compute/webgpu/sources.ts";
import { epochBatches } from "#train/batches.ts";
import type { Batch, Learner } from "#train/learner.ts";
import { anyData } from "./random_images.ts";
import { type Spread, spread } from "./statistics.ts";
import { trainSteps } from "./train_steps.ts";

export interface TogetherOptions {
  readonly model: string;
  /** Height and width of an image, or tokens of a window. */
  readonly size: number;
  readonly batch: number;
  /** Steps of each run in a round. */
  readonly steps: number;
  readonly rounds: number;
  /** Most runs at once; 1, 2, 4 … up to it are measured. */
  readonly runs: number;
}

/** So many runs at once on one GPU. */
export interface RunsFigures {
  readonly runs: number;
  /** Of all runs, by wall time. */
  readonly steps_per_second: Spread;
  /** That through one run's, round by round. */
  readonly ratio: Spread;
  /** Milliseconds of all processor cores for a step of one run, a software adapter's kernels included. */
  readonly processor_ms_per_step: Spread;
  /** For one step of all runs. */
  readonly dispatches_per_step: number;
  readonly submissions_per_step: number;
}

/** Output of `bench together --format json`. */
export interface TogetherFigures {
  readonly model: string;
  readonly size: number;
  readonly batch: number;
  readonly device: DeviceInfo;
  readonly counts: readonly RunsFigures[];
  /** Why more runs were not measured; `null` where all were. */
  readonly refused: string | null;
}

const CONTROLS = { lr: 0.01, momentum: 0.9, step: 0 };

/** Runs of one GPU that share their dispatches, each number of them in alternation. @throws {WebgpuUnavailable} */
export async function benchTogether(
  options: TogetherOptions,
  note: (text: string) => void,
): Promise<TogetherFigures> {
  const { model, size, batch, steps, rounds } = options;
  using gpu = await Gpu.open();
  using sources = new Sources(gpu);
  const { groups, refused } = await openGroups(gpu, sources, options);
  const measured = groups.map(({ runs }) => ({ runs, wall: [] as number[], processor: [] as number[] }));
  const spent: { dispatches: number; submissions: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const [index, group] of groups.entries()) {
      const before = gpu.queue.counts;
      const began = process.cpuUsage();
      const start = performance.now();
      await Promise.all(group.learners.map((learner) => trainSteps(learner, group.batches, CONTROLS, steps)));
      const ms = performance.now() - start;
      const { user, system } = process.cpuUsage(began);
      const { dispatches, submissions } = gpu.queue.counts;
      spent[index] = {
        dispatches: (dispatches - before.dispatches) / steps,
        submissions: (submissions - before.submissions) / steps,
      };
      // In the first round compilers warm up.
      if (round === 0) continue;
      measured[index]!.wall.push(1000 * group.runs * steps / ms);
      measured[index]!.processor.push((user + system) / 1000 / (group.runs * steps));
      note(
        `round ${round} of ${rounds}, ${group.runs} at once: ${
          measured[index]!.wall.at(-1)!.toFixed(1)
        } steps a second\n`,
      );
    }
  }
  const one = measured[0]!.wall;
  const counts = measured.map(({ runs, wall, processor }, index) => ({
    runs,
    steps_per_second: spread(wall),
    ratio: spread(wall.map((rate, round) => rate / one[round]!)),
    processor_ms_per_step: spread(processor),
    dispatches_per_step: spent[index]!.dispatches,
    submissions_per_step: spent[index]!.submissions,
  }));
  return { model, size, batch, device: infoOf(gpu), counts, refused };
}

interface Group {
  readonly runs: number;
  readonly learners: readonly Learner[];
  readonly batches: readonly Batch[];
}

/** Learners for 1, 2, 4 … runs at once, until the device's limits are met. */
async function openGroups(
  gpu: Gpu,
  sources: Sources,
  { model: name, size, batch: batchSize, runs: most }: TogetherOptions,
): Promise<{ groups: Group[]; refused: string | null }> {
  const { labelUnit = "image" } = MODELS[name]!;
  const data = anyData(labelUnit, Math.max(256, batchSize), size);
  const model = buildModel(name, data.shape, data.classes.length, labelUnit);
  const plan = { seed: 1, count: data.train.count, batchSize, augment: [] };
  const batches = [...epochBatches(plan, 0)].filter(({ indices }) => indices.length === batchSize);
  const groups: Group[] = [];
  for (let runs = 1; runs <= most; runs *= 2) {
    const shared = new ReplicaGroups(gpu, sources, runs);
    try {
      const learners = await Promise.all(Array.from({ length: runs }, (_, run) =>
        shared.createLearner({
          model,
          optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weight_decay: 5e-4, clip_norm: null },
          data,
          batchSize,
          initial: initialWeights(model, run),
        })));
      groups.push({ runs, learners, batches });
    } catch (error) {
      if (!(error instanceof RangeError) || runs === 1) throw error;
      return { groups, refused: error.message };
    }
  }
  return { groups, refused: null };
}
