import { assertBelow, assertClose } from "../support/errors.ts";
import type { Device, LearnerOptions } from "#compute/device.ts";
import { openDevice } from "#compute/devices.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights, parametersOf } from "#compute/parameters.ts";
import { referenceGradients } from "#compute/reference/model.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import type { SpecNamed } from "#train/optimizer.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { sharedWebgpuDevice } from "../support/webgpu_device.ts";
import { textData } from "../support/text.ts";
import { inputsOf } from "./reference_run.ts";
import { someBatch, syntheticData } from "./support.ts";
import { labelsPerImage } from "#train/batches.ts";

const ADAMW: SpecNamed<"adamw"> = {
  name: "adamw",
  betas: [0.9, 0.95],
  eps: 1e-8,
  weight_decay: 0.1,
  clip_norm: 1,
};

/** The lab's transformers at the sizes that they train at; the largest ones in the long tests alone. */
const CASES = [
  { name: "gpt-tiny", size: 32, batch: 4 },
  { name: "vit-tiny", size: 16, batch: 4 },
  { name: "gpt-small-post-norm", size: 64, batch: 2 },
  ...LONG ? [{ name: "gpt-small", size: 128, batch: 4 }, { name: "vit-small", size: 32, batch: 4 }] : [],
] as const;

/** Weights as in the middle of training: GPT-2's first ones are so small that attention hardly sees differences. */
function optionsOf({ name, size, batch }: typeof CASES[number]): LearnerOptions {
  const isText = name.startsWith("gpt");
  const data = isText ? textData(size, 12) : syntheticData(12, size);
  const model = buildModel(name, data.shape, data.classes.length, data.labelUnit);
  const first = initialWeights(model, 3);
  const initial = Object.fromEntries(
    parametersOf(model).map(({ name, shape, init }) => {
      const factor = init === "normal" || init === "he" ? 8 : 1;
      return [name, { shape, data: first[name]!.data.map((value) => factor * value) }] as const;
    }),
  );
  return { model, optimizer: ADAMW, data, batchSize: batch, initial };
}

/** Cases with float64's gradients, computed once for all devices. */
const SETTINGS = CASES.map((each) => {
  const options = optionsOf(each);
  const batch = { ...someBatch(options.data, 0, each.batch) };
  const plain = options.data.labelUnit === "token"
    ? {
      ...batch,
      shiftX: new Int8Array(each.batch),
      shiftY: new Int8Array(each.batch),
      flip: new Uint8Array(each.batch),
    }
    : batch;
  const { images } = inputsOf(options.data, plain);
  const count = labelsPerImage(options.data);
  const labels = [...plain.indices].flatMap((index) => [
    ...options.data.train.labels.subarray(index * count, (index + 1) * count),
  ]);
  let truth: ReturnType<typeof referenceGradients> | undefined;
  return {
    options,
    batch: plain,
    truth: () => truth ??= referenceGradients(options.model, options.initial, images, labels),
  };
});

const DEVICES: readonly { name: string; needs: "vulkan"[]; open: () => Promise<Device> }[] = [
  { name: "wasm", needs: [], open: () => openDevice("wasm") },
  { name: "wasm, plain SIMD", needs: [], open: () => openWasmDevice({ build: "plain" }) },
  { name: "wasm, two threads", needs: [], open: () => openWasmDevice({ threads: 2 }) },
  { name: "webgpu", needs: ["vulkan"], open: sharedWebgpuDevice },
];

for (const { name: device, needs, open } of DEVICES) {
  Deno.test(
    `device ${device}: gradients of the lab's transformers agree with float64`,
    await requires(...needs),
    async () => {
      using opened = await open();
      // A program of WebGPU takes seconds to compile without a GPU.
      const settings = device === "webgpu" && !LONG ? SETTINGS.slice(0, 1) : SETTINGS;
      for (const { options, batch, truth } of settings) {
        using learner = await opened.createLearner(options);
        const gradients = await learner.gradients(batch);
        await learner.update(batch, { lr: 0, momentum: 0.9, step: 0 });
        const [applied] = await learner.losses();
        const { loss, gradients: wanted } = truth();
        const as = (what: string) => ({
          device,
          kernel: `gradients of ${options.model.name}`,
          shape: `${what}, batch ${options.batchSize}`,
        });
        assertBelow(as("loss"), Math.abs(applied!.loss - loss) / loss, 1e-6);
        for (const [each, gradient] of Object.entries(wanted)) {
          assertClose(as(each), gradients[each]!, gradient, 2e-5);
        }
      }
    },
  );
}
