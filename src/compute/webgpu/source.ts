import { fillBatch, normalisation } from "#train/batches.ts";
import type { Split, TrainingData } from "#train/data.ts";
import type { Batch } from "#train/learner.ts";
import type { Gpu } from "./gpu.ts";
import { SHIFT_BIAS } from "./kernels/gather.ts";
import { ITEM_WORDS } from "./kernels/loss.ts";

/**
 * One split's images and labels on the GPU, as bytes. A split that is larger than a binding may be stays on the host,
 * and batches of it are filled there.
 */
export class Source implements Disposable {
  /** `null` where the images stay on the host. */
  readonly pixels: GPUBuffer | null;
  readonly labels: GPUBuffer;
  /** `[channels, 256]`: the normalised value of each byte. */
  readonly table: GPUBuffer;
  readonly #gpu: Gpu;
  readonly #data: TrainingData;

  constructor(gpu: Gpu, data: TrainingData, split: Split) {
    const { images, labels, count } = data[split];
    this.#gpu = gpu;
    this.#data = { ...data, train: data[split] };
    this.labels = this.#upload(`${split} labels`, Uint32Array.from(labels.subarray(0, count)));
    this.table = this.#upload("normalisation", Float32Array.from(normalisation(data)));
    const fits = images.byteLength <= gpu.device.limits.maxStorageBufferBindingSize;
    this.pixels = fits ? this.#uploadBytes(`${split} images`, images) : null;
  }

  /** Sends a batch: what to gather, and the images themselves where they stay on the host. */
  send(batch: Batch, to: { readonly items: GPUBuffer; readonly images: GPUBuffer }): void {
    const { queue } = this.#gpu;
    queue.write(to.items, 0, packItems(batch));
    if (this.pixels) return;
    const filled = new Float32Array(to.images.size / 4);
    fillBatch(this.#data, batch, filled);
    queue.write(to.images, 0, filled);
  }

  [Symbol.dispose](): void {
    for (const buffer of [this.pixels, this.labels, this.table]) buffer?.destroy();
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

/** `[batch, 2]`: the image's number, then its shifts and flip in one word. */
function packItems(batch: Batch): Uint32Array<ArrayBuffer> {
  const items = new Uint32Array(batch.indices.length * ITEM_WORDS);
  for (let item = 0; item < batch.indices.length; item++) {
    const shifts = (batch.shiftX[item]! + SHIFT_BIAS) | ((batch.shiftY[item]! + SHIFT_BIAS) << 8);
    items[item * ITEM_WORDS] = batch.indices[item]!;
    items[item * ITEM_WORDS + 1] = shifts | (batch.flip[item]! << 16);
  }
  return items;
}
