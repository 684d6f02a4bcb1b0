import { labelsPerImage, normalisation } from "#train/batches.ts";
import type { PixelSet, TrainingData } from "#train/data.ts";
import type { Batch } from "#train/learner.ts";
import type { Kernels } from "./kernels.ts";
import type { Arena, Plane } from "./plane.ts";

/** Addresses of a batch for the kernel that makes the network's input of it. */
export interface BatchPlaces {
  /** Pixels as bytes, `[batch, height, width, channels]`. */
  readonly bytes: number;
  /** Shifts right, shifts down, flips: `[3][batch]` bytes. */
  readonly moves: number;
  /** `[batch, labels of each]`, i32. */
  readonly labels: number;
  /** `[channels][256]`, floats. */
  readonly table: number;
}

/** Labels of an image that the kernels read: none of masks, whose losses are the host's. */
export function kernelLabels(data: Pick<TrainingData, "shape" | "labelUnit">): number {
  return data.labelUnit === "pixel" ? 0 : labelsPerImage(data);
}

/** Room for `images` images of a data set. */
export function placeBatch(
  data: Pick<TrainingData, "shape" | "labelUnit">,
  images: number,
  arena: Arena,
): BatchPlaces {
  const [height, width, channels] = data.shape;
  return {
    bytes: arena.allocate(images * height * width * channels),
    moves: arena.allocate(3 * images),
    labels: arena.floats(images * kernelLabels(data)),
    table: arena.floats(channels * 256),
  };
}

/** Gathers batches and fills the network's input with them. */
export class BatchInput {
  readonly #shape: TrainingData["shape"];
  /** Labels of each image. */
  readonly #labels: number;

  constructor(
    readonly places: BatchPlaces,
    readonly plane: Plane,
    readonly memory: WebAssembly.Memory,
    readonly kernels: Kernels,
    data: TrainingData,
  ) {
    this.#shape = data.shape;
    this.#labels = kernelLabels(data);
    const table = normalisation(data);
    new Float32Array(memory.buffer, places.table, table.length).set(table);
  }

  /** Copies pixels, labels and moves into memory, fills the input, and returns the number of images. */
  load(from: PixelSet, { indices, shiftX, shiftY, flip }: Batch): number {
    const { bytes, moves, labels, table } = this.places;
    const [height, width, channels] = this.#shape;
    const { buffer } = this.memory;
    const size = indices.length;
    const pixels = height * width * channels;
    const images = new Uint8Array(buffer, bytes, size * pixels);
    const each = this.#labels;
    const classes = new Int32Array(buffer, labels, size * each);
    for (let item = 0; item < size; item++) {
      const index = indices[item]!;
      images.set(from.images.subarray(index * pixels, (index + 1) * pixels), item * pixels);
      for (let at = 0; at < each; at++) classes[item * each + at] = from.labels[index * each + at]!;
    }
    const plan = new Int8Array(buffer, moves, 3 * size);
    plan.set(shiftX, 0);
    plan.set(shiftY, size);
    plan.set(flip, 2 * size);
    const sizes = [size, height, width, channels, this.plane.row, this.plane.image];
    this.kernels.fillInput(bytes, moves, table, this.plane.at, ...sizes);
    return size;
  }
}
