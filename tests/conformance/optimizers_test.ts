import assert from "node:assert/strict";
import { openCpuDevice } from "#compute/cpu/device.ts";
import type { Device } from "#compute/device.ts";
import type { Model } from "#compute/model.ts";
import { initialWeights } from "#compute/parameters.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import { type OptimizerSpec, usualOptimizer } from "#train/optimizer.ts";
import { matrixShape, muonScale } from "#train/optimizers/muon.ts";
import { orthogonalised } from "#train/optimizers/newton_schulz.ts";
import { assertBelow } from "../support/errors.ts";
import { type Requirement, requires } from "../support/requires.ts";
import { sharedWebgpuDevice } from "../support/webgpu_device.ts";
import { SMALL } from "./contract_cases.ts";
import { ReferenceRun } from "./reference_run.ts";
import { CLASSES, learnerOptions, rootMeanSquareError, someBatch, syntheticData } from "./support.ts";

const DEVICES: readonly { name: string; needs: readonly Requirement[]; open(): Promise<Device> }[] = [
  { name: "cpu", needs: [], open: openCpuDevice },
  { name: "wasm", needs: [], open: openWasmDevice },
  { name: "wasm, plain SIMD", needs: [], open: () => openWasmDevice({ build: "plain" }) },
  { name: "webgpu", needs: ["vulkan"], open: sharedWebgpuDevice },
];

const conv = (name: string, filters: number, kernel: number) =>
  ({ kind: "conv", name, filters, kernel, stride: 1, padding: "same", bias: true }) as const;

/** Kernels with more rows than columns, and fewer; of sizes that vectors divide, and not. */
const MATRICES: Model = {
  name: "matrices",
  input: [5, 5, 3],
  classes: CLASSES,
  layers: [
    conv("odd", 33, 3),
    { kind: "relu" },
    conv("wide", 48, 1),
    { kind: "relu" },
    conv("tall", 16, 3),
    { kind: "relu" },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: CLASSES },
  ],
};

for (const { name, needs, open } of DEVICES) {
  const machine = await requires(...needs);

  Deno.test(`${name}: Muon's matrices of any shape are float64's`, machine, async () => {
    using device = await open();
    const data = syntheticData(40, 5);
    const options = learnerOptions(MATRICES, data, 4, usualOptimizer("muon"));
    const reference = new ReferenceRun(options);
    using learner = await device.createLearner(options);
    for (let step = 0; step < 3; step++) {
      const batch = someBatch(data, 4 * step, 4);
      const controls = { lr: 0.02, momentum: 0.95 };
      reference.update(batch, controls);
      learner.update(batch, controls);
    }
    const state = await learner.save();
    // Of the change, whose small singular values are raised with their rounding.
    for (const kernel of ["odd/kernel", "wide/kernel", "tall/kernel"]) {
      const change = (data: ArrayLike<number>) =>
        Array.from(data, (value, at) => value - options.initial[kernel]!.data[at]!);
      const error = rootMeanSquareError(change(state[kernel]!.data), change(reference.state[kernel]!.data));
      assertBelow({ device: name, kernel: "Muon's change", shape: kernel }, error, 2e-4);
    }
  });

  Deno.test(`${name}: Prodigy's estimate grows a hundredfold as in float64`, machine, async () => {
    using device = await open();
    const data = syntheticData(60, 8);
    const optimizer: OptimizerSpec = usualOptimizer("prodigy");
    const options = { ...learnerOptions(SMALL, data, 8, optimizer), initial: initialWeights(SMALL, 1) };
    const reference = new ReferenceRun(options);
    using learner = await device.createLearner(options);
    for (let step = 0; step < 16; step++) {
      const batch = someBatch(data, 8 * step, 8);
      const controls = { lr: 1, momentum: 0.9 };
      reference.update(batch, controls);
      learner.update(batch, controls);
    }
    const wanted = reference.state["optimizer/d"]!.data[0]!;
    const seen = (await learner.save())["optimizer/d"]!.data[0]!;
    assert.ok(wanted > 1e-4, `${wanted}`);
    // The weights' own digits would leave three: they move by 1e-6 at first.
    assertBelow(
      { device: name, kernel: "Prodigy's d", shape: "16 steps" },
      Math.abs(seen / wanted - 1),
      2e-5,
    );
  });
}

Deno.test("Newton–Schulz brings singular values near 1, whichever way the matrix lies", () => {
  const [rows, columns] = [6, 4];
  const matrix = Float64Array.from({ length: rows * columns }, (_, at) => Math.sin(1 + at * at));
  const found = orthogonalised(matrix, rows, columns);
  const turned = orthogonalised(
    Float64Array.from(matrix, (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]!),
    columns,
    rows,
  );
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      assert.ok(Math.abs(found[row * columns + column]! - turned[column * rows + row]!) < 1e-12);
    }
  }
  // Columns of length about 1, as long as all singular values are.
  const square = found.reduce((sum, value) => sum + value * value, 0) / columns;
  assert.ok(square > 0.6 && square < 1.4, `${square}`);
  assert.deepEqual(matrixShape([3, 3, 8, 16]), [72, 16]);
  assert.equal(muonScale([3, 3, 8, 16]), 1);
  assert.equal(muonScale([1, 1, 4, 16]), 2);
});
