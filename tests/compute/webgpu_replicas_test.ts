import assert from "node:assert/strict";
import type { LearnerOptions } from "#compute/device.ts";
import { initialWeights } from "#compute/parameters.ts";
import { Gpu } from "#compute/webgpu/gpu.ts";
import { WebgpuLearner } from "#compute/webgpu/learner.ts";
import { ReplicaGroups } from "#compute/webgpu/replica_groups.ts";
import { Sources } from "#compute/webgpu/sources.ts";
import type { Learner, LearnerState } from "#train/learner.ts";
import { OPTIMIZERS } from "../conformance/contract_cases.ts";
import { AWKWARD, learnerOptions, someBatch, syntheticData } from "../conformance/support.ts";
import { DECODER, tokenOptions } from "../conformance/token_cases.ts";
import { requires } from "../support/requires.ts";

const vulkan = await requires("vulkan");

/** A run of its own in all that replicas may differ in. */
interface Run {
  readonly seed: number;
  readonly lr: number;
  readonly momentum: number;
  readonly decay: number;
  readonly steps: number;
  /** Steps between evaluations. */
  readonly every: number;
}

const RUNS: readonly Run[] = [
  { seed: 1, lr: 0.1, momentum: 0.9, decay: 0, steps: 7, every: 3 },
  { seed: 2, lr: 0.02, momentum: 0, decay: 0.01, steps: 9, every: 4 },
  { seed: 3, lr: 0.3, momentum: 0.5, decay: 0.001, steps: 5, every: 3 },
];

/** With batch norm and dropout. */
function optionsOf(run: Run, data = syntheticData(30, 13)): LearnerOptions {
  const [head, ...before] = AWKWARD.layers.toReversed();
  const dropout = { kind: "dropout", name: "dropout1", rate: 0.25 } as const;
  const model = { ...AWKWARD, layers: [...before.toReversed(), dropout, head!] };
  return ofRun(run, {
    ...learnerOptions(model, data, 8, { ...OPTIMIZERS["momentum"]!.spec, clip_norm: 1 }),
    averages: ["ema"],
    gradientNorms: true,
  });
}

function ofRun({ seed, decay }: Run, options: LearnerOptions): LearnerOptions {
  return {
    ...options,
    optimizer: { ...options.optimizer, weight_decay: decay },
    dropoutSeed: seed,
    initial: initialWeights(options.model, seed),
  };
}

/** Everything that a run may see of its learner. `from` continues a run behind its checkpoint. */
async function train(
  learner: Learner,
  { data }: LearnerOptions,
  { seed, lr, momentum, steps, every }: Run,
  from: { readonly step: number; readonly state: LearnerState } | null = null,
) {
  const seen: unknown[] = [];
  if (from) await learner.load(from.state);
  for (let step = from?.step ?? 0; step < steps; step++) {
    // A smaller last batch in every epoch of four.
    const size = step % 4 === 3 ? 6 : 8;
    await learner.update(someBatch(data, 8 * (step % 4) + seed, size), { lr: lr / (1 + step), momentum, step });
    learner.average("ema", 0.25);
    if ((step + 1) % every === 0) seen.push(await learner.losses(), await learner.evaluate("validation"));
  }
  learner.estimateStatistics(someBatch(data, seed, 8), 0.5);
  seen.push(await learner.predict("test"), await learner.gradients(someBatch(data, seed, 5)));
  seen.push(await learner.losses());
  return { seen, state: await learner.save() };
}

async function alone(gpu: Gpu, run: Run, options: LearnerOptions, from?: Parameters<typeof train>[3]) {
  using learner = new WebgpuLearner(gpu, options);
  return await train(learner, options, run, from);
}

Deno.test("replicas have the bits of runs alone: batch norm, dropout, clipping, averages, evaluations", vulkan, async () => {
  using gpu = await Gpu.open();
  using sources = new Sources(gpu);
  const groups = new ReplicaGroups(gpu, sources, 3);
  const data = syntheticData(30, 13);
  const together = await Promise.all(RUNS.map(async (run) => {
    const options = optionsOf(run, data);
    using learner = await groups.createLearner(options);
    return await train(learner, options, run);
  }));
  for (const [index, run] of RUNS.entries()) {
    assert.deepEqual(together[index], await alone(gpu, run, optionsOf(run, data)), `seed ${run.seed}`);
  }
});
