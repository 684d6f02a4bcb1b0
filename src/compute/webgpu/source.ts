import { normalisation } from "#train/batches.ts";
import type { Split, TrainingData } from "#train/data.ts";
import type { Batch } from "#train/learner.ts";
import type { Gpu } from "./gpu.ts";
import { SHIFT_BIAS } from "./kernels/gather.ts";
import { ITEM_WORDS } from "./kernels/loss.ts";
import { range } from "./kernel.ts";

const NO_BYTES = new Uint8Array();
/** Bytes that kernels count in 32 bits with room to spare. */
const ADDRESSABLE = 2 ** 30;

/** Images `first` to `first + count` of a split. */
export interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly pixels: GPUBuffer;
}

/**
 * One split's images and labels on the GPU, as bytes, in as many buffers as the device's limit for one asks for.
 */
export class Source implements Disposable {
  readonly chunks: readonly Chunk[];
  /** Four to a word; none of masks, whose losses are the host's. */
  readonly labels: GPUBuffer;
  /** `[channels, 256]`: the normalised value of each byte. */
  readonly table: GPUBuffer;
  readonly #gpu: Gpu;

  constructor(gpu: Gpu, data: TrainingData, split: Split) {
    const { images, labels, count } = data[split];
    const [height, width, channels] = data.shape;
    const imageBytes = height * width * channels;
    this.#gpu = gpu;
    this.labels = this.#uploadBytes(`${split} labels`, data.labelUnit === "pixel" ? NO_BYTES : labels);
    this.table = this.#upload("normalisation", Float32Array.from(normalisation(data)));
    const each = Math.floor(Math.min(gpu.bufferLimit, ADDRESSABLE) / imageBytes);
    if (each < 1) gpu.createBuffer(`an image of ${split}`, imageBytes);
    this.chunks = range(Math.ceil(count / each)).map((chunk) => {
      const [first, end] = [chunk * each, Math.min((chunk + 1) * each, count)];
      const bytes = images.subarray(first * imageBytes, end * imageBytes);
      return { first, count: end - first, pixels: this.#uploadBytes(`${split} images`, bytes) };
    });
  }

  [Symbol.dispose](): void {
    for (const buffer of [...this.chunks.map(({ pixels }) => pixels), this.labels, this.table]) {
      buffer.destroy();
    }
  }

  #upload(label: string, values: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.#gpu.createBuffer(label, values.byteLength);
    this.#gpu.queue.write(buffer, 0, values);
    return buffer;
  }

  #uploadBytes(label: string, bytes: Uint8Array): GPUBuffer {
    const buffer = this.#gpu.createBuffer(label, bytes.byteLength);
    // In pieces, whole words each: images may lie on shared memory, which the queue does not take.
    const piece = 4 << 20;
    for (let start = 0; start < bytes.length; start += piece) {
      const part = bytes.subarray(start, start + piece);
      const words = new Uint8Array(Math.ceil(part.length / 4) * 4);
      words.set(part);
      this.#gpu.queue.write(buffer, start, words);
    }
    return buffer;
  }
}

/** What a batch gathers, `[batch, 2]`: the image's number, then its shifts and flip in one word. */
export function packItems(batch: Batch): Uint32Array<ArrayBuffer> {
  const items = new Uint32Array(batch.indices.length * ITEM_WORDS);
  for (let item = 0; item < batch.indices.length; item++) {
    const shifts = (batch.shiftX[item]! + SHIFT_BIAS) | ((batch.shiftY[item]! + SHIFT_BIAS) << 8);
    items[item * ITEM_WORDS] = batch.indices[item]!;
    items[item * ITEM_WORDS + 1] = shifts | (batch.flip[item]! << 16);
  }
  return items;
}
