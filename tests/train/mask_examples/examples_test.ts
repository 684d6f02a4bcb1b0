import assert from "node:assert/strict";
import { openDevice } from "#compute/devices.ts";
import { MASK_FILES, maskImagesOf, predictedMasksOf } from "#results/mask_examples.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { epochBatches } from "#train/batches.ts";
import type { PixelSet, TrainingData } from "#train/data.ts";
import { train } from "#train/loop.ts";
import { exampleSteps } from "#train/mask_examples/moments.ts";
import { keepExtremes, keepMoment, MOST_SIDE } from "#train/mask_examples/examples.ts";
import type { Learner } from "#train/learner.ts";
import type { Artifact, TrainingCheckpoint } from "#train/trainer_state.ts";
import { maskData, maskOptions, UNET } from "../../support/masks.ts";
import { eventsOf, networkOf } from "../../support/tiny.ts";

const SHAPE = { totalSteps: 20, stepsPerEpoch: 5 };
const EVERY = 3;
const data = maskData();

/** Files of masks among outputs, by name. */
function filesOf(outputs: Iterable<unknown>) {
  const saved = [...outputs as Iterable<Artifact>].flatMap((output) =>
    output.kind === "save" && output.name.startsWith("masks/") && "tensors" in output ? output : []
  );
  return new Map(
    saved.map(({ name, tensors, metadata = {} }) => [`${name}.safetensors`, { tensors, metadata }]),
  );
}

async function run(keeps: boolean, from: TrainingCheckpoint | null = null) {
  using device = await openDevice("wasm");
  using learner = await device.createLearner(
    maskOptions({ data, loss: { name: "cross_entropy", label_smoothing: 0 } }),
  );
  const steps = exampleSteps({ firstStep: 0, totalSteps: SHAPE.totalSteps, evalEvery: EVERY });
  return await Array.fromAsync(train(
    learner,
    {
      ...SHAPE,
      schedule: buildSchedule({ name: "constant", lr: 0.05 }, SHAPE),
      momentum: 0.9,
      batches: (epoch) => epochBatches({ seed: 1, count: 40, batchSize: 8, augment: ["flip"] }, epoch),
      evalEvery: EVERY,
      readTest: true,
      network: networkOf(UNET),
      ...(keeps && { maskExamples: { data, steps } }),
    },
    { now: () => 0, shouldStop: () => false, shouldSave: () => true },
    from,
  ));
}

Deno.test("a run keeps masks at six evaluations and after its end, changes no number for it, and resumes bit for bit", async () => {
  const whole = await run(true);
  assert.deepEqual(eventsOf(whole), eventsOf(await run(false)));
  const files = filesOf(whole);
  assert.deepEqual([...files.keys()], [
    MASK_FILES.images,
    ...[3, 6, 9, 15, 18, 20].map(MASK_FILES.step),
    MASK_FILES.extremes,
  ]);
  const save = whole.findLast((output) =>
    output.kind === "save" && "checkpoint" in output && output.checkpoint.step === 9
  )!;
  assert.ok(save.kind === "save" && "checkpoint" in save);
  const before = filesOf(whole.slice(0, whole.indexOf(save)) as Artifact[]);
  const rest = filesOf(await run(true, structuredClone(save.checkpoint)));
  assert.ok(before.size >= 3 && rest.size >= 4);
  assert.deepEqual(new Map([...before, ...rest]), files);
});

Deno.test("the last moment has the Dice of its own masks, and the extremes are the best and worst of all images", async () => {
  const files = filesOf(await run(true));
  const images = maskImagesOf(files.get(MASK_FILES.images)!);
  assert.deepEqual(images.classes, data.classes);
  for (const { number, pixels, truth } of images.images) {
    assert.deepEqual([...pixels], [...data.validation.images.subarray(number * 192, (number + 1) * 192)]);
    assert.deepEqual([...truth], [...data.validation.labels.subarray(number * 64, (number + 1) * 64)]);
  }
  const last = predictedMasksOf(files.get(MASK_FILES.step(20))!, images);
  last.forEach(({ mask, dice }, item) => {
    const { truth } = images.images[item]!;
    const shares = [1, 2].flatMap((label) => {
      const [p, t] = [mask, truth].map((one) => one.filter((value) => value === label).length) as [
        number,
        number,
      ];
      const common = mask.filter((value, pixel) => value === label && truth[pixel] === label).length;
      return p + t === 0 ? [] : [2 * common / (p + t)];
    });
    assert.ok(Math.abs(dice! - shares.reduce((sum, share) => sum + share) / shares.length) < 1e-12);
  });

  const content = files.get(MASK_FILES.extremes)!;
  const extremes = predictedMasksOf(content, maskImagesOf(content)).map(({ dice }) => dice!);
  assert.deepEqual(extremes, extremes.toSorted((a, b) => b - a));
  assert.equal(extremes.length, 4);
  assert.ok(last.every(({ dice }) => dice! <= extremes[0]! && dice! >= extremes.at(-1)!));
});

/** Data of `count` plain images, and a learner that finds class 1 in all their pixels. */
function plain(count: number, side: number, label: number) {
  const set: PixelSet = {
    images: new Uint8Array(count * side * side).map((_, index) => index % 251),
    labels: new Uint8Array(count * side * side).fill(label),
    count,
  };
  const own: TrainingData = { ...data, shape: [side, side, 1], classes: ["ground", "one"], validation: set };
  const learner = {
    predict: (_: unknown, images: readonly number[]) =>
      Promise.resolve(
        Float32Array.from({ length: images.length * side * side * 2 }, (_, index) => index % 2),
      ),
  } as Partial<Learner> as Learner;
  return { own, learner };
}

Deno.test("long sides are thinned, and a file stays below 400 kB", async () => {
  const side = 3 * MOST_SIDE - 5;
  const { own, learner } = plain(2, side, 1);
  const moment = filesOf(await Array.fromAsync(keepMoment(learner, {}, { data: own, steps: [4] }, 4)));
  const images = maskImagesOf(moment.get(MASK_FILES.images)!);
  assert.deepEqual([images.height, images.width, images.images.length], [127, 127, 2]);
  assert.equal(images.images[0]!.pixels[1], own.validation.images[3]);
  assert.equal(predictedMasksOf(moment.get(MASK_FILES.step(4))!, images)[0]!.dice, 1);
  const extremes = filesOf(await Array.fromAsync(keepExtremes(learner, {}, { data: own, steps: [4] })));
  for (const { tensors } of [...moment.values(), ...extremes.values()]) {
    const bytes = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
    assert.ok(bytes < 4e5, `${bytes} bytes`);
  }
});

Deno.test("of few images each is kept once, and of images without objects there is no strip", async () => {
  const { own, learner } = plain(1, 4, 0);
  const outputs = [
    ...await Array.fromAsync(keepMoment(learner, {}, { data: own, steps: [4] }, 4)),
    ...await Array.fromAsync(keepExtremes(learner, {}, { data: own, steps: [4] })),
  ];
  const files = filesOf(outputs);
  assert.deepEqual([...files.keys()], [MASK_FILES.extremes]);
  assert.equal(maskImagesOf(files.get(MASK_FILES.extremes)!).images.length, 1);
});
