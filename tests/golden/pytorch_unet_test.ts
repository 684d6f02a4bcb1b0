import assert from "node:assert/strict";
import type { Device } from "#compute/device.ts";
import { openDevice } from "#compute/devices.ts";
import { parametersOf } from "#compute/parameters.ts";
import { plainBatch } from "#compute/plain_batch.ts";
import { slotName } from "#compute/state.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import type { TrainingData } from "#train/data.ts";
import type { LearnerState } from "#train/learner.ts";
import type { LossSpec } from "#train/loss.ts";
import { assertClose } from "../support/errors.ts";
import { UNET } from "../support/masks.ts";
import { requires } from "../support/requires.ts";
import { sharedWebgpuDevice } from "../support/webgpu_device.ts";
import { SGD } from "../conformance/support.ts";
import golden from "./pytorch_unet.json" with { type: "json" };

const IMAGES = golden.masks.length / golden.side ** 2;
const SET = {
  images: Uint8Array.from(golden.pixels),
  labels: Uint8Array.from(golden.masks),
  count: IMAGES,
};
const DATA: TrainingData = {
  name: "golden",
  shape: [golden.side, golden.side, 3],
  classes: ["ground", "one", "two"],
  labelUnit: "pixel",
  train: SET,
  validation: SET,
  test: SET,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  digest: "",
};

/** PyTorch's weights; statistics of batch norm as they begin. */
function initial(): LearnerState {
  const given = golden.initial as Record<string, { shape: number[]; data: number[] }>;
  return Object.fromEntries(
    parametersOf(UNET).map(({ name, shape, init }) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const data = given[name]?.data ?? new Array(size).fill(init === "ones" ? 1 : 0);
      return [name, { shape, data: Float32Array.from(data) }];
    }),
  );
}

/** Of the largest value of each gradient; kept in 32 bits everywhere. */
const TOLERANCE = 2e-5;

/** Devices, each with the images that it takes at a time. */
const CASES: readonly { name: string; needs: "vulkan"[]; batch: number; open: () => Promise<Device> }[] = [
  { name: "cpu", needs: [], batch: IMAGES, open: () => openDevice("cpu") },
  { name: "wasm", needs: [], batch: IMAGES, open: () => openDevice("wasm") },
  { name: "wasm, plain SIMD", needs: [], batch: IMAGES, open: () => openWasmDevice({ build: "plain" }) },
  { name: "wasm, two threads", needs: [], batch: IMAGES, open: () => openWasmDevice({ threads: 2 }) },
  { name: "webgpu", needs: ["vulkan"], batch: IMAGES, open: sharedWebgpuDevice },
];

for (const { name, needs, batch, open } of CASES) {
  Deno.test(`device ${name}: a step of a U-Net has PyTorch's losses and gradients`, await requires(...needs), async () => {
    using device = await open();
    using learner = await device.createLearner({
      model: UNET,
      optimizer: SGD,
      loss: golden.loss_spec as LossSpec,
      data: DATA,
      batchSize: batch,
      initial: initial(),
    });
    await learner.update(plainBatch(0, IMAGES), { lr: 1, momentum: 0 });
    const [applied] = await learner.losses();
    const near = (seen: number, wanted: number) =>
      assert.ok(Math.abs(seen - wanted) < 1e-6 * Math.abs(wanted), `${seen}, PyTorch's is ${wanted}`);
    near(applied!.loss, golden.loss);
    applied!.components!.forEach(({ name, weight, loss }, index) => {
      const component = golden.loss_spec.components[index]!;
      assert.deepEqual([name, weight], [component.name, component.weight]);
      near(loss!, golden.components[index]!);
    });
    const state = await learner.save();
    let worst = 0;
    for (const [variable, { data }] of Object.entries(golden.gradients)) {
      const seen = state[slotName(variable)]!.data;
      assertClose({ device: name, kernel: "gradients of a U-Net", shape: variable }, seen, data, TOLERANCE);
      const largest = Math.max(...data.map(Math.abs));
      worst = Math.max(worst, ...data.map((value, at) => Math.abs(value - seen[at]!) / largest));
    }
    console.log(`    off by ${worst.toExponential(1)} of the largest gradient of a variable at most`);
  });
}
