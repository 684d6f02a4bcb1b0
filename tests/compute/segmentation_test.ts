import assert from "node:assert/strict";
import type { Device, LearnerOptions } from "#compute/device.ts";
import { openDevice } from "#compute/devices.ts";
import { buildModel } from "#compute/models.ts";
import { parametersOf } from "#compute/parameters.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import type { AppliedUpdate, Batch, Learner } from "#train/learner.ts";
import { maskOptions, UNET } from "../support/masks.ts";
import { learnerOptions, someBatch, syntheticData } from "../conformance/support.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { sharedWebgpuDevice } from "../support/webgpu_device.ts";

/** Weights of the components at each step: they move, and a component comes and goes. */
const WEIGHTS = [[1, 0.5, 0.7, 0], [1, 0, 0.7, 0.3], [0.2, 2, 0, 0.01], [0.5, 0.5, 0.5, 0.5]];
const STEPS = LONG ? 8 : 5;

const batchAt = (options: LearnerOptions, step: number): Batch =>
  someBatch(options.data, 5 * step, 8 - step % 2);

async function steps(learner: Learner, options: LearnerOptions, from = 0, to = STEPS) {
  for (let step = from; step < to; step++) {
    const lossWeights = WEIGHTS[step % WEIGHTS.length]!;
    await learner.update(batchAt(options, step), { lr: 0.05, momentum: 0.9, step, lossWeights });
  }
  return await learner.losses();
}

interface Entry {
  readonly name: string;
  readonly needs: readonly "vulkan"[];
  open(): Promise<Device>;
}

const ALL: readonly Entry[] = [
  { name: "wasm", needs: [], open: () => openDevice("wasm") },
  { name: "wasm, two threads", needs: [], open: () => openWasmDevice({ threads: 2 }) },
  { name: "wasm, three threads", needs: [], open: () => openWasmDevice({ threads: 3 }) },
  { name: "webgpu", needs: ["vulkan"], open: sharedWebgpuDevice },
];
/** Three threads, which divide batches unevenly, are tried with smaller networks; with these in long tests alone. */
const DEVICES = ALL.filter(({ name }) => LONG || name !== "wasm, three threads");

async function truth(options: LearnerOptions) {
  using device = await openDevice("cpu");
  using learner = await device.createLearner(options);
  const applied = await steps(learner, options);
  return { applied, evaluation: await learner.evaluate("validation"), logits: await learner.predict("test") };
}

const near = (seen: number, wanted: number, share: number) =>
  assert.ok(Math.abs(seen - wanted) <= share * Math.max(1, Math.abs(wanted)), `${seen}, expected ${wanted}`);

function assertSame(seen: readonly AppliedUpdate[], wanted: readonly AppliedUpdate[]) {
  assert.equal(seen.length, wanted.length);
  seen.forEach((step, index) => {
    near(step.loss, wanted[index]!.loss, 1e-4);
    step.components!.forEach(({ name, weight, loss }, at) => {
      const other = wanted[index]!.components![at]!;
      assert.deepEqual([name, weight, loss === null], [
        other.name,
        WEIGHTS[index % 4]![at],
        other.loss === null,
      ]);
      if (loss !== null) near(loss, other.loss!, 1e-4);
    });
  });
}

for (const accumulate of [false, true]) {
  const options = maskOptions({ batchSize: accumulate ? 3 : 8 });
  const wanted = truth(options);
  for (const { name, needs, open } of DEVICES) {
    const how = accumulate ? "in parts" : "at once";
    Deno.test(
      `device ${name}: steps, ${how}, with weights that move agree with float64`,
      await requires(...needs),
      async () => {
        using device = await open();
        using learner = await device.createLearner(options);
        const { applied, evaluation, logits } = await wanted;
        assertSame(await steps(learner, options), applied);
        const seen = await learner.evaluate("validation");
        near(seen.loss, evaluation.loss, 1e-3);
        near(seen.accuracy, evaluation.accuracy, 2e-3);
        near(seen.segmentation!.dice!, evaluation.segmentation!.dice!, 5e-3);
        near(seen.segmentation!.boundary_f1!, evaluation.segmentation!.boundary_f1!, 1e-2);
        assert.equal(seen.segmentation!.class_dice.length, 3);
        const predicted = await learner.predict("test");
        assert.equal(predicted.length, 7 * 8 * 8 * 3);
        const off = Math.max(...predicted.map((value, at) => Math.abs(value - logits[at]!)));
        assert.ok(off < 2e-2, `logits are off by ${off}`);
        const each = 8 * 8 * 3;
        const some = await learner.predict("test", [5, 2]);
        assert.equal(some.length, 2 * each);
        some.forEach((value, at) => {
          const own = predicted[(at < each ? 5 : 2) * each + at % each]!;
          assert.ok(Math.abs(value - own) < 1e-4, `logit ${at} is ${value}, among all ${own}`);
        });
        await assert.rejects(learner.predict("test", [0, 7]), /^RangeError: Cannot take image 7 of 7$/);
      },
    );

    Deno.test(
      `device ${name}: a state that was saved between steps, ${how}, continues bit for bit`,
      await requires(...needs),
      async () => {
        using device = await open();
        using whole = await device.createLearner(options);
        const all = await steps(whole, options);
        using first = await device.createLearner(options);
        await steps(first, options, 0, 3);
        const state = await first.save();
        using second = await device.createLearner(options);
        await second.load(state);
        const rest = await steps(second, options, 3);
        assert.deepEqual(rest, all.slice(3));
        assert.deepEqual(await second.save(), await whole.save());
      },
    );
  }
}

Deno.test("gradients without a step are those of the loss's own weights, in parts too", async () => {
  const options = maskOptions({ batchSize: 3 });
  const batch = batchAt(options, 0);
  using cpu = await openDevice("cpu");
  using reference = await cpu.createLearner(options);
  const wanted = await reference.gradients(batch);
  for (const threads of [1, 2]) {
    using device = await openWasmDevice({ threads });
    using learner = await device.createLearner(options);
    const seen = await learner.gradients(batch);
    for (const [name, gradient] of Object.entries(wanted)) {
      const largest = Math.max(...Array.from(gradient, Math.abs));
      const off = Math.max(...Array.from(gradient, (value, at) => Math.abs(value - seen[name]![at]!)));
      assert.ok(off < 2e-5 * largest, `${name} is off by ${off} of ${largest}`);
    }
  }
});

for (const { name, needs, open } of DEVICES) {
  Deno.test(`device ${name}: gradients take the weights of a step`, await requires(...needs), async () => {
    const options = maskOptions({ batchSize: 3 });
    const batch = batchAt(options, 0);
    const weights = [0, 0, 1, 0];
    using cpu = await openDevice("cpu");
    using reference = await cpu.createLearner(options);
    const wanted = await reference.gradients(batch, weights);
    const own = await reference.gradients(batch);
    assert.ok(Object.entries(wanted).some(([name, values]) => Math.abs(values[0]! - own[name]![0]!) > 1e-6));
    using device = await open();
    using learner = await device.createLearner(options);
    await assert.rejects(learner.gradients(batch, [1, NaN, 0, 0]), /finite number for each of/);
    const seen = await learner.gradients(batch, weights);
    for (const [name, gradient] of Object.entries(wanted)) {
      const largest = Math.max(...Array.from(gradient, Math.abs));
      const off = Math.max(...Array.from(gradient, (value, at) => Math.abs(value - seen[name]![at]!)));
      assert.ok(off < 2e-5 * largest, `${name} is off by ${off} of ${largest}`);
    }
  });
}

Deno.test("a loss whose weights change over a run is refused at a step that has none", async () => {
  const components = [{ name: "focal", gamma: 2 }, { name: "hausdorff", alpha: 2 }] as const;
  const options = maskOptions({
    loss: {
      name: "adaptive_structure_boundary",
      schedule_start_epoch: "10%",
      boundary_epochs: "60%",
      transition: "ramp",
      order: "in_time",
      components,
    },
  });
  const batch = batchAt(options, 0);
  using device = await openDevice("wasm");
  using learner = await device.createLearner(options);
  assert.throws(
    () => learner.update(batch, { lr: 0.1, momentum: 0.9, step: 0 }),
    /without the step's weights/,
  );
  await assert.rejects(learner.gradients(batch), /without the step's weights/);
  learner.update(batch, { lr: 0.1, momentum: 0.9, step: 0, lossWeights: [1, 0] });
  assert.equal((await learner.losses()).length, 1);
});

Deno.test("a U-Net learns rectangles within 120 steps of Dice and cross-entropy", async () => {
  using device = await openDevice("wasm");
  const options = maskOptions();
  using learner = await device.createLearner(options);
  const before = await learner.evaluate("validation");
  for (let step = 0; step < 120; step++) {
    await learner.update(batchAt(options, step), {
      lr: 0.05,
      momentum: 0.9,
      step,
      lossWeights: [1, 0, 1, 0],
    });
  }
  const { segmentation, loss } = await learner.evaluate("validation");
  assert.ok(segmentation!.dice! > 0.8, `Dice ${segmentation!.dice}`);
  assert.ok(segmentation!.hausdorff_95! < 2 && loss < before.loss / 3);
});

Deno.test("weights of another number, or that are no numbers, are refused by every device", async () => {
  for (const backend of ["cpu", "wasm"] as const) {
    using device = await openDevice(backend);
    using learner = await device.createLearner(maskOptions());
    for (const lossWeights of [[1, 1], [1, 1, 1, NaN]]) {
      await assert.rejects(
        async () => await learner.update(batchAt(maskOptions(), 0), { lr: 0.1, momentum: 0, lossWeights }),
        /Cannot weight the loss by .* expected a finite number for each of dice, focal, cross_entropy, hausdorff/,
      );
    }
  }
});

Deno.test("a loss of masks cannot train a network that classifies", async () => {
  const options = { ...learnerOptions("cnn-tiny", syntheticData(20, 8), 4), loss: maskOptions().loss! };
  for (const backend of ["cpu", "wasm"] as const) {
    using device = await openDevice(backend);
    using learner = await device.createLearner(options);
    await assert.rejects(
      async () => await learner.update(someBatch(options.data, 0, 4), { lr: 0.1, momentum: 0 }),
      /Cannot classify images by the loss sum: it needs images with masks/,
    );
  }
});

Deno.test("the lab's U-Nets fit images with masks whose sides halve twice, and no others", () => {
  const count = (name: string) =>
    parametersOf(buildModel(name, [32, 32, 3], 5, "pixel")).filter(({ trainable }) => trainable)
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  assert.deepEqual(["unet-micro", "unet-tiny", "unet-small"].map(count), [3205, 14_821, 118_661]);
  assert.throws(() => buildModel("unet-small", [32, 32, 3], 5), /on images without masks; allowed: cnn-tiny/);
  assert.throws(
    () => buildModel("cnn-small", [32, 32, 3], 5, "pixel"),
    /with masks; allowed: unet-micro, unet-tiny, unet-small$/,
  );
  assert.throws(
    () => buildModel("unet-small", [30, 32, 3], 5, "pixel"),
    /30 × 32 pixels: expected multiples of 4/,
  );
});

Deno.test("a network of one's own for masks ends in a convolution with logits for each pixel", () => {
  const head = { kind: "conv", filters: 3, kernel: 1, stride: 1, padding: "same", bias: true } as const;
  const pool = { kind: "max_pool", size: 2 } as const;
  const up = { kind: "upsample", size: 2 } as const;
  const { layers } = buildModel({ layers: [pool, up, head] }, [8, 8, 3], 3, "pixel");
  assert.equal(layers.length, 3);
  assert.throws(
    () => buildModel({ layers: [pool, head] }, [8, 8, 3], 3, "pixel"),
    /model\.layers\[1\]: the last layer is conv and gives \[4,4,3\]; expected conv with 3 filters and an output of \[8,8,3\]/,
  );
  assert.throws(() => buildModel({ layers: [head] }, [8, 8, 3], 3), /expected dense with 3 units/);
  assert.equal(UNET.classes, 3);
});
