import type { LearnerOptions } from "#compute/device.ts";
import type { Layer, Model } from "#compute/model.ts";
import { initialWeights } from "#compute/parameters.ts";
import { random } from "#lib/prng.ts";
import type { PixelSet, TrainingData } from "#train/data.ts";
import type { LossSpec } from "#train/loss.ts";
import { SGD } from "../conformance/support.ts";

const SIDE = 8;
const CLASSES = 3;

const conv = (name: string, filters: number, kernel: number, bias: boolean): Layer => ({
  kind: "conv",
  name,
  filters,
  kernel,
  stride: 1,
  padding: "same",
  bias,
});
const level = (name: string, filters: number): Layer[] =>
  [1, 2].flatMap((index): Layer[] => [
    conv(`${name}/conv${index}`, filters, 3, false),
    { kind: "batch_norm", name: `${name}/norm${index}` },
    { kind: "relu" },
  ]);

/** A U-Net of two levels, for images of 8×8 pixels and three classes. */
export const UNET: Model = {
  name: "unet of two levels",
  input: [SIDE, SIDE, 3],
  classes: CLASSES,
  layers: [
    ...level("down1", 4),
    {
      kind: "concat",
      name: "skip1",
      main: [{ kind: "max_pool", size: 2 }, ...level("down2", 6), { kind: "upsample", size: 2 }],
      shortcut: [],
    },
    ...level("up1", 4),
    conv("head", CLASSES, 1, true),
  ],
};

/** A sum of every component, each with a weight that shows. */
export const EVERY_LOSS: LossSpec = {
  name: "sum",
  components: [
    { name: "dice", smoothing: 1, include_background: false, weight: 1 },
    { name: "focal", gamma: 2, weight: 0.5 },
    { name: "cross_entropy", label_smoothing: 0.1, weight: 0.7 },
    { name: "hausdorff", alpha: 2, weight: 0.3 },
  ],
};

/** Bright and dark rectangles on grey ground, with noise: learnt within some dozen steps. */
export function maskData(train = 40): TrainingData {
  const source = random(8, "mask data");
  const set = (count: number): PixelSet => {
    const images = new Uint8Array(new SharedArrayBuffer(count * SIDE * SIDE * 3));
    const labels = new Uint8Array(new SharedArrayBuffer(count * SIDE * SIDE));
    for (let image = 0; image < count; image++) {
      for (let label = 1; label < CLASSES; label++) {
        const [top, left] = [source.below(6), source.below(6)];
        for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
          const [y, x] = [Math.floor(pixel / SIDE), pixel % SIDE];
          if (y >= top && y < top + 3 && x >= left && x < left + 3) {
            labels[image * SIDE * SIDE + pixel] = label;
          }
        }
      }
      for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
        const light = [110, 180, 40][labels[image * SIDE * SIDE + pixel]!]!;
        for (let channel = 0; channel < 3; channel++) {
          images[(image * SIDE * SIDE + pixel) * 3 + channel] = light + source.below(40);
        }
      }
    }
    return { images, labels, count };
  };
  return {
    name: "rectangles",
    shape: [SIDE, SIDE, 3],
    classes: ["ground", "bright", "dark"],
    labelUnit: "pixel",
    train: set(train),
    validation: set(13),
    test: set(7),
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
    digest: "rectangles",
  };
}

export function maskOptions(more: Partial<LearnerOptions> = {}): LearnerOptions {
  return {
    model: UNET,
    optimizer: SGD,
    loss: EVERY_LOSS,
    data: maskData(),
    batchSize: 8,
    initial: initialWeights(UNET, 4),
    ...more,
  };
}
