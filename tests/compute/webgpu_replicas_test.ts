import assert from "node:assert/strict";
import type { LearnerOptions } from "#compute/device.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { Gpu } from "#compute/webgpu/gpu.ts";
import { HARDWARE } from "#compute/webgpu/kernel.ts";
import { WebgpuLearner } from "#compute/webgpu/learner.ts";
import { ReplicaGroups } from "#compute/webgpu/replica_groups.ts";
import { runsAtOnce } from "#compute/webgpu/runs_at_once.ts";
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
    await learner.update(someBatch(data, 8 * (step % 4) + seed, size), {
      lr: lr / (1 + step),
      momentum,
      step,
    });
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

Deno.test("replicas have the bits of runs alone", vulkan, async (t) => {
  using gpu = await Gpu.open();
  using sources = new Sources(gpu);
  const data = syntheticData(30, 13);

  await t.step(
    "with batch norm, dropout, clipping, averages and evaluations at their own times",
    async () => {
      const groups = new ReplicaGroups(gpu, sources, 3);
      const together = await Promise.all(RUNS.map(async (run) => {
        const options = optionsOf(run, data);
        using learner = await groups.createLearner(options);
        return await train(learner, options, run);
      }));
      for (const [index, run] of RUNS.entries()) {
        assert.deepEqual(together[index], await alone(gpu, run, optionsOf(run, data)), `seed ${run.seed}`);
      }
    },
  );

  await t.step("beside one that diverges and ends, and one that continues in its place", async () => {
    const groups = new ReplicaGroups(gpu, sources, 2);
    const [steady, later] = [RUNS[1]!, RUNS[2]!];
    const begun = await alone(gpu, { ...later, steps: 2, every: 9 }, optionsOf(later, data));
    const from = { step: 2, state: begun.state };
    const wild = { ...RUNS[0]!, lr: 1e30, steps: 4 };
    const trained = async (run: Run, from?: Parameters<typeof train>[3]) => {
      const options = optionsOf(run, data);
      using learner = await groups.createLearner(options);
      return await train(learner, options, run, from);
    };
    const others = async () => [await trained(wild), await trained(later, from)] as const;
    const [own, [ruined, continued]] = await Promise.all([trained(steady), others()]);
    assert.ok(Object.values(ruined.state).some(({ data }) => data.some(Number.isNaN)));
    assert.deepEqual(own, await alone(gpu, steady, optionsOf(steady, data)));
    assert.deepEqual(continued, await alone(gpu, later, optionsOf(later, data), from));
  });

  await t.step("with as many dispatches and submissions as one", async () => {
    const spent = async (runs: number) => {
      const groups = new ReplicaGroups(gpu, sources, runs);
      const options = learnerOptions(AWKWARD, data, 8);
      const learners = await Promise.all(Array.from({ length: runs }, () => groups.createLearner(options)));
      const before = gpu.queue.counts;
      await Promise.all(learners.map(async (learner) => {
        for (let step = 0; step < 16; step++) {
          await learner.update(someBatch(data, step, 8), { lr: 0.1, momentum: 0.9 });
        }
        await learner.losses();
      }));
      const { dispatches, submissions } = gpu.queue.counts;
      for (const learner of learners) learner[Symbol.dispose]();
      return [dispatches - before.dispatches, submissions - before.submissions];
    };
    assert.deepEqual(await spent(3), await spent(1));
  });

  await t.step("not in the dispatches of another shape", async () => {
    const groups = new ReplicaGroups(gpu, sources, 2);
    const small = learnerOptions(AWKWARD, data, 4);
    const large = learnerOptions(AWKWARD, data, 8);
    using one = await groups.createLearner(small);
    using other = await groups.createLearner(large);
    // Neither waits for the other.
    await one.update(someBatch(data, 0, 4), { lr: 0.1, momentum: 0.9 });
    assert.equal((await one.losses()).length, 1);
    assert.equal((await other.evaluate("test")).count, data.test.count);
  });
});

Deno.test(
  "replicas of a decoder have the bits of runs alone, with the cut for hardware",
  vulkan,
  async (t) => {
    using gpu = await Gpu.open({ tuning: HARDWARE });
    using sources = new Sources(gpu);
    const { data } = tokenOptions(DECODER, OPTIMIZERS["AdamW"]!.spec);
    for (const name of ["AdamW", "Muon", "LAMB", "Prodigy"]) {
      await t.step(name, async () => {
        const runs = RUNS.slice(0, 2).map((run) => ({ ...run, steps: 3, every: 2 }));
        const options = {
          ...tokenOptions(DECODER, OPTIMIZERS[name]!.spec),
          data,
          batchSize: 8,
          averages: ["ema"],
        };
        const groups = new ReplicaGroups(gpu, sources, 2);
        const together = await Promise.all(runs.map(async (run) => {
          using learner = await groups.createLearner(ofRun(run, options));
          return await train(learner, options, run);
        }));
        for (const [index, run] of runs.entries()) {
          assert.deepEqual(together[index], await alone(gpu, run, ofRun(run, options)), `seed ${run.seed}`);
        }
      });
    }
  },
);

Deno.test("more runs than a buffer takes are refused, with how many it takes", vulkan, async () => {
  using gpu = await Gpu.open({ bufferLimit: 1 << 15 });
  using sources = new Sources(gpu);
  const groups = new ReplicaGroups(gpu, sources, 8);
  await assert.rejects(
    groups.createLearner(learnerOptions(AWKWARD, syntheticData(8, 13), 2)),
    /^RangeError: Cannot train 8 runs at once on .*: its limit for one buffer takes the .* of \d runs?; take --jobs \d, or/,
  );
  assert.throws(
    () => new ReplicaGroups(gpu, sources, 65),
    /^RangeError: Cannot train 65 runs at once on a GPU: 1 to 64/,
  );
});

Deno.test("a GPU trains as many small runs at once as fill it, software one at a time", () => {
  const limits = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 };
  const small = { model: buildModel("cnn-tiny", [16, 16, 3], 10), batchSize: 8 };
  const large = { model: buildModel("resnet-20", [32, 32, 3], 10), batchSize: 128 };
  assert.equal(runsAtOnce({ software: false, limits }, [small]), 16);
  assert.equal(runsAtOnce({ software: false, limits }, [small, large]), 1);
  assert.equal(runsAtOnce({ software: true, limits }, [small]), 1);
});
