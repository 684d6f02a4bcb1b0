import assert from "node:assert/strict";
import type { LearnerOptions } from "#compute/device.ts";
import type { Model } from "#compute/model.ts";
import { plainBatch } from "#compute/plain_batch.ts";
import { judgedBy } from "#compute/judged.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import type { PixelSet } from "#train/data.ts";
import type { Batch, Controls, LearnerState } from "#train/learner.ts";
import { momentumOf, type OptimizerSpec } from "#train/optimizer.ts";
import { OPTIMIZERS } from "#train/optimizers/catalog.ts";
import { ReferenceRun } from "../conformance/reference_run.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { sharedWebgpuDevice } from "../support/webgpu_device.ts";
import published from "./published_optimizers.json" with { type: "json" };
import golden from "./pytorch_optimizers.json" with { type: "json" };

/** Of every weight and statistic after ten steps, whose size is about 1. The golden values have nine decimals. */
const TOLERANCE = { float64: 1e-9, float32: 1e-5 };

/** Terms that devices run; float64 runs all, as WASM does with PyTorch's own optimizers, and every device in long tests. */
const FEW = ["alone", "frozen group", "everything"];

type GoldenCase = typeof golden.cases[number] & { readonly judged?: Readonly<Record<string, number[]>> };
/** PyTorch's own optimizers, and those that others published for it. */
const CASES = [...golden.cases, ...published.cases] as readonly GoldenCase[];
const RULES = [...new Set(CASES.map((entry) => entry.rule))];

const [count, height, width, channels] = golden.images.shape as [number, number, number, number];

const MODEL: Model = {
  name: "golden",
  input: [height, width, channels],
  classes: 4,
  layers: [
    { kind: "conv", name: "conv1", filters: 4, kernel: 3, stride: 1, padding: "same", bias: false },
    { kind: "batch_norm", name: "norm1" },
    { kind: "relu" },
    { kind: "max_pool", size: 2 },
    { kind: "conv", name: "conv2", filters: 6, kernel: 3, stride: 1, padding: "same", bias: true },
    { kind: "relu" },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: 4 },
  ],
};

const pixels: PixelSet = {
  images: Uint8Array.from(golden.images.data),
  labels: Uint8Array.from(golden.labels),
  count,
};

const initial: LearnerState = Object.fromEntries(
  Object.entries(golden.initial).map((
    [name, { shape, data }],
  ) => [name, { shape, data: Float32Array.from(data) }]),
);

function optionsOf({ optimizer, accumulate }: GoldenCase): LearnerOptions {
  return {
    model: MODEL,
    optimizer: optimizer as unknown as OptimizerSpec,
    data: {
      name: "golden",
      shape: [height, width, channels],
      classes: ["a", "b", "c", "d"],
      labelUnit: "image",
      train: pixels,
      validation: pixels,
      test: pixels,
      mean: golden.mean,
      std: golden.std,
      digest: "",
    },
    batchSize: golden.batch / accumulate,
    initial,
  };
}

function stepsOf(entry: GoldenCase): { batch: Batch; controls: Controls }[] {
  const momentum = momentumOf(entry.optimizer as unknown as OptimizerSpec);
  return entry.lr.map((lr, update) => {
    const plain = plainBatch(update * golden.batch, golden.batch);
    const batch = { ...plain, indices: plain.indices.map((image) => image % count) };
    return { batch, controls: { lr, momentum, groups: entry.rates[update]! } };
  });
}

/** The largest difference from PyTorch's weights, statistics and losses, and from the weights that it judges by. */
function largestDifference(
  entry: GoldenCase,
  state: Readonly<Record<string, { data: ArrayLike<number> }>>,
  losses: readonly number[],
): number {
  const pairs = [
    ...Object.entries(entry.weights).map(([name, wanted]) => [state[name]!.data, wanted] as const),
    [losses, entry.losses] as const,
    ...Object.entries(entry.judged ?? {}).map(([name, wanted]) => [judgedOf(entry, state)[name]!, wanted] as const),
  ];
  return Math.max(...pairs.flatMap(([seen, wanted]) => {
    assert.equal(seen.length, wanted.length);
    return wanted.map((value, at) => Math.abs(value - seen[at]!));
  }));
}

/** The weights that the model is judged by, in as many bits as the state has. */
function judgedOf(
  { optimizer }: GoldenCase,
  state: Readonly<Record<string, { data: ArrayLike<number> }>>,
): Readonly<Record<string, ArrayLike<number>>> {
  const seen = judgedBy(optimizer as unknown as OptimizerSpec, MODEL)!(state as LearnerState);
  return Object.fromEntries(Object.entries(seen).map(([name, { data }]) => [name, data]));
}

Deno.test("the golden steps cover every optimizer with every term, and say what made them", () => {
  assert.equal(CASES.length, (7 + 10) * 8 - 1);
  assert.equal(new Set(CASES.map(({ rule, term }) => `${rule} ${term}`)).size, (7 + 10) * 8 - 1);
  assert.deepEqual(
    [...new Set(CASES.map(({ optimizer }) => optimizer.name))].sort(),
    OPTIMIZERS.map(({ name }) => name).sort(),
  );
  assert.ok(CASES.every(({ losses }) => losses.length === 10));
  assert.ok(CASES.some(({ rates }) => rates.flat().includes(null as never)), "nothing is ever frozen");
  for (const { torch, dtype } of [golden, published]) {
    assert.match(torch, /^\d+\.\d+/);
    assert.equal(dtype, "float64");
  }
});

Deno.test("every term moves PyTorch's weights by far more than the tolerance", () => {
  for (const rule of RULES) {
    const [alone, ...others] = CASES.filter((entry) => entry.rule === rule);
    for (const { judged: _, ...other } of others) {
      const state = Object.fromEntries(
        Object.entries(alone!.weights).map(([name, data]) => [name, { data }]),
      );
      const moved = largestDifference(other, state, alone!.losses);
      assert.ok(moved > 100 * TOLERANCE.float32, `${rule}, ${other.term}: ${moved}`);
    }
  }
});

const DEVICES = [
  { name: "wasm", needs: [], open: openWasmDevice },
  { name: "webgpu", needs: ["vulkan"], open: sharedWebgpuDevice },
] as const;

for (const rule of RULES) {
  const cases = CASES.filter((entry) => entry.rule === rule);

  Deno.test(`ten steps in float64 are PyTorch's: ${rule}, alone and with every term`, () => {
    const differences = cases.map((entry) => {
      const reference = new ReferenceRun(optionsOf(entry));
      const losses = stepsOf(entry).map(({ batch, controls }) => reference.update(batch, controls).loss);
      return largestDifference(entry, reference.state, losses);
    });
    assertSmall(differences, TOLERANCE.float64, cases);
  });

  for (const { name, needs, open } of DEVICES) {
    const machine = await requires(...needs);
    Deno.test(
      `ten steps on ${name} are PyTorch's: ${rule}, alone and with terms`,
      machine,
      async () => {
        using device = await open();
        const differences: number[] = [];
        const every = LONG || (name === "wasm" && golden.cases.includes(cases[0]!));
        const tried = cases.filter(({ term }) => every || FEW.includes(term));
        for (const one of tried) {
          using learner = await device.createLearner(optionsOf(one));
          for (const { batch, controls } of stepsOf(one)) learner.update(batch, controls);
          const losses = (await learner.losses()).map(({ loss }) => loss);
          differences.push(largestDifference(one, await learner.save(), losses));
        }
        assertSmall(differences, TOLERANCE.float32, tried);
      },
    );
  }
}

function assertSmall(differences: readonly number[], tolerance: number, cases: readonly GoldenCase[]): void {
  differences.forEach((difference, index) =>
    assert.ok(difference <= tolerance, `${cases[index]!.term}: ${difference}`)
  );
  console.log(`    off by ${Math.max(...differences).toExponential(1)} at most`);
}
