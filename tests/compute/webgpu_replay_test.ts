import assert from "node:assert/strict";
import { Gpu } from "#compute/webgpu/gpu.ts";
import { WebgpuLearner } from "#compute/webgpu/learner.ts";
import type { LearnerOptions } from "#compute/device.ts";
import type { TrainingData } from "#train/data.ts";
import type { Controls } from "#train/learner.ts";
import { momentumOf, type OptimizerSpec } from "#train/optimizer.ts";
import { OPTIMIZERS, type Term, TERMS } from "../conformance/contract_cases.ts";
import { AWKWARD, learnerOptions, someBatch, syntheticData } from "../conformance/support.ts";
import { DECODER, tokenOptions } from "../conformance/token_cases.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";

const vulkan = await requires("vulkan");

/** Terms of an optimizer, of {@link TERMS}, or a way to train; all of them at once, and in long tests each alone. */
const WAYS = [...Object.keys(TERMS) as Term[], "accumulation", "averages", "dropout", "focal loss", "norms"];

const CASES: readonly (readonly [optimizer: string, ways: readonly string[]])[] = [
  ...Object.keys(OPTIMIZERS).filter((name) => LONG ? !OPTIMIZERS[name]!.brief : name === "SGD").map((
    optimizer,
  ) => [optimizer, []] as const),
  ...(LONG ? WAYS : []).map((way) => ["momentum", [way]] as const),
  ...Object.keys(OPTIMIZERS).map((optimizer) => [optimizer, WAYS] as const),
];

/** Enough for every frozen step, and for two epochs. */
const STEPS = LONG ? 50 : 8;
/** A smaller last batch in every epoch of four. */
const sizeOf = (step: number) => step % 4 === 3 ? 6 : 8;

/** The rate and momentum of every step are others; groups are frozen at first and at times. */
function controlsOf(optimizer: string, ways: readonly string[], step: number): Controls {
  const { lr, spec } = OPTIMIZERS[optimizer]!;
  const rate = lr * (1 + Math.cos(Math.PI * step / STEPS)) / 2;
  const momentum = momentumOf(spec) === 0 ? 0 : momentumOf(spec) - step / 500;
  const groups = [step < 5 ? null : rate, rate / 2, step % 7 === 6 ? null : rate / 4];
  return { lr: rate, momentum, step, ...(ways.includes("groups") && { groups }) };
}

function optionsOf(optimizer: string, ways: readonly string[], data: TrainingData): LearnerOptions {
  const terms = ways.filter((way): way is Term => way in TERMS).map((term) => TERMS[term]);
  const spec: OptimizerSpec = Object.assign({}, OPTIMIZERS[optimizer]!.spec, ...terms);
  // Patterns of this model's layers.
  if (spec.groups) {
    Object.assign(spec, {
      groups: [{ match: "wide/*" }, { match: "norm/*" }, { match: "*bias", weight_decay: 0 }],
    });
  }
  const [head, ...before] = AWKWARD.layers.toReversed();
  const dropout = { kind: "dropout", name: "dropout1", rate: 0.25 } as const;
  const model = { ...AWKWARD, layers: [...before.toReversed(), dropout, head!] };
  return {
    ...learnerOptions(
      ways.includes("dropout") ? model : AWKWARD,
      data,
      ways.includes("accumulation") ? 3 : 8,
      spec,
    ),
    ...(ways.includes("focal loss") && { loss: { name: "focal", gamma: 2 } }),
    averages: ways.includes("averages") ? ["ema"] : [],
    gradientNorms: ways.includes("norms"),
  };
}

Deno.test(`${STEPS} replayed steps have the bits of steps recorded one by one`, vulkan, async (t) => {
  // One device for all: its kernels are built once.
  using gpu = await Gpu.open();
  for (const [optimizer, ways] of CASES) {
    const name = [optimizer, ...(ways === WAYS ? ["all at once"] : ways)].join(", ");
    await t.step(name, () => replaysAsRecorded(gpu, optimizer, ways));
  }
});

async function replaysAsRecorded(gpu: Gpu, optimizer: string, ways: readonly string[]): Promise<void> {
  const data = syntheticData(30, 13);
  const options = optionsOf(optimizer, ways, data);
  using replayed = new WebgpuLearner(gpu, options);
  const update = (learner: WebgpuLearner, step: number) => {
    learner.update(someBatch(data, 8 * (step % 4), sizeOf(step)), controlsOf(optimizer, ways, step));
    if (ways.includes("averages")) learner.average("ema", 0.1);
  };
  const initial = await replayed.save();
  let state = initial;
  const recorded = [];
  for (let step = 0; step < STEPS; step++) {
    update(replayed, step);
    using fresh = new WebgpuLearner(gpu, options);
    await fresh.load(state);
    update(fresh, step);
    recorded.push(...await fresh.losses());
    state = await fresh.save();
  }
  assert.deepEqual(await replayed.losses(), recorded);
  assert.deepEqual(await replayed.save(), state);
  assert.notDeepEqual(state, initial);
  assert.ok(recorded.every(({ loss }) => Number.isFinite(loss)));
}

Deno.test(
  "a replayed decoder has the bits of one that is recorded step by step, and continues from them",
  vulkan,
  async () => {
    using gpu = await Gpu.open();
    const options = tokenOptions(DECODER, { ...OPTIMIZERS["AdamW"]!.spec, clip_norm: 0.1 });
    const update = (learner: WebgpuLearner, step: number) =>
      learner.update(someBatch(options.data, 7 * step, step % 4 === 3 ? 5 : 7), {
        lr: 0.01,
        momentum: 0.9,
        step,
      });
    using replayed = new WebgpuLearner(gpu, options);
    let state = await replayed.save();
    const recorded = [];
    for (let step = 0; step < 5; step++) {
      update(replayed, step);
      using fresh = new WebgpuLearner(gpu, options);
      await fresh.load(state);
      update(fresh, step);
      recorded.push(...await fresh.losses());
      state = await fresh.save();
    }
    assert.deepEqual(await replayed.losses(), recorded);
    assert.deepEqual(await replayed.save(), state);
  },
);

Deno.test("each kernel of a step is timed on the device", vulkan, async () => {
  using gpu = await Gpu.open();
  const data = syntheticData(8, 13);
  using learner = new WebgpuLearner(gpu, learnerOptions(AWKWARD, data, 8));
  const times = await learner.profile(someBatch(data, 0, 8), { lr: 0, momentum: 0 });
  if (!gpu.facts.features.includes("timestamp-query")) return assert.equal(times, null);
  const names = times!.map(({ name }) => name.split(" ")[0]);
  for (const kernel of ["conv_forward", "conv_filter_gradient", "cross_entropy", "sgd"]) {
    assert.ok(names.includes(kernel), `${kernel} is missing`);
  }
  assert.ok(times!.every(({ ms, dispatches }) => ms >= 0 && ms < 10_000 && dispatches >= 1));
});
