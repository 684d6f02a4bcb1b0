import { convolutionShape } from "../reference/convolution.ts";
import { type AdapterFacts, WebgpuUnavailable } from "./adapter.ts";
import type { Dispatch, Slice } from "./dispatch.ts";
import type { Kernel, Tuning } from "./kernel.ts";
import type { CommandQueue } from "./queue.ts";
import { filterGradient } from "./kernels/filter_gradient.ts";
import { columnSums, sumParts } from "./kernels/sums.ts";

/** The parts of a GPU that its check needs. */
export interface CheckedGpu {
  readonly facts: Pick<AdapterFacts, "name" | "driver" | "software">;
  readonly tuning: Tuning;
  readonly queue: Pick<CommandQueue, "run" | "write">;
  createBuffer(label: string, bytes: number): GPUBuffer;
  prepare(kernel: Kernel, buffers: readonly (GPUBuffer | Slice)[]): Dispatch;
  read(buffer: GPUBuffer): Promise<ArrayBuffer>;
}

/** Sums of ones: whole numbers below 2^24, so every order of adding gives the same bits. */
export interface CountedSums {
  readonly name: string;
  readonly dispatches: readonly Dispatch[];
  /** The sums of the last dispatch. */
  readonly result: GPUBuffer;
  readonly expected: Float32Array;
}

/** The first layer of `cnn-small` at batch 64: its gradient sums 65,536 products, where old software drivers stop. */
const LAYER = convolutionShape([64, 32, 32, 3], { filters: 16, kernel: 3, stride: 1, padding: "same" });

/**
 * Adds up as many ones as training adds up products, by the same kernels.
 *
 * @throws {WebgpuUnavailable} where the driver gets another sum, with what would help.
 */
export async function assertAddsUp(gpu: CheckedGpu): Promise<void> {
  const owned: GPUBuffer[] = [];
  const buffer = (label: string, values: number | Float32Array<ArrayBuffer>) => {
    const made = gpu.createBuffer(label, 4 * (typeof values === "number" ? values : values.length));
    if (typeof values !== "number") gpu.queue.write(made, 0, values);
    owned.push(made);
    return made;
  };
  const { batch, inHeight, inWidth, inChannels, outChannels } = LAYER;
  const pixels = batch * inHeight * inWidth;
  const images = buffer("ones", new Float32Array(pixels * inChannels).fill(1));
  const gradients = buffer("ones", new Float32Array(pixels * outChannels).fill(1));

  const filter = filterGradient(LAYER, gpu.tuning);
  const expected = filterCounts();
  const filterParts = buffer("filter parts", filter.parts * expected.length);
  const filterSums = buffer("filter sums", expected.length);
  const columns = columnSums(pixels, outChannels, gpu.tuning);
  const columnParts = buffer("column parts", columns.parts * outChannels);
  const columnTotals = buffer("column sums", outChannels);
  try {
    await Promise.all([
      assertCounts(gpu, {
        name: filter.kernel.name,
        dispatches: [
          gpu.prepare(filter.kernel, [images, gradients, filterParts]),
          gpu.prepare(sumParts(filter.parts, expected.length), [filterParts, filterSums]),
        ],
        result: filterSums,
        expected,
      }),
      assertCounts(gpu, {
        name: columns.kernel.name,
        dispatches: [
          gpu.prepare(columns.kernel, [gradients, columnParts]),
          gpu.prepare(sumParts(columns.parts, outChannels), [columnParts, columnTotals]),
        ],
        result: columnTotals,
        expected: new Float32Array(outChannels).fill(pixels),
      }),
    ]);
  } finally {
    for (const made of owned) made.destroy();
  }
}

/** @throws {WebgpuUnavailable} where the sums are not the expected ones. */
export async function assertCounts(gpu: CheckedGpu, sums: CountedSums): Promise<void> {
  gpu.queue.run(sums.dispatches);
  const seen = new Float32Array(await gpu.read(sums.result));
  const wrong = sums.expected.findIndex((value, at) => seen[at] !== value);
  if (wrong === -1) return;
  throw new WebgpuUnavailable(
    `${gpu.facts.name} (${gpu.facts.driver}) computes wrongly: ${sums.name} adds up ${
      sums.expected[wrong]
    } ones and gets ${seen[wrong]}. ${helpFor(gpu)}`,
  );
}

/** Advice about a driver that computes wrongly, or may. */
export function helpFor({ facts }: Pick<CheckedGpu, "facts">): string {
  return facts.software
    ? "Install Mesa 25 or newer (on Debian 12: mesa-vulkan-drivers from bookworm-backports), or train on wasm"
    : "Install the newest driver of the GPU's vendor, or train on wasm";
}

/** `[3, 3, in, out]`: on how many pixels of the batch each tap lies inside the image. */
function filterCounts(): Float32Array {
  const { batch, inHeight, inWidth, inChannels, outChannels, kernelHeight, kernelWidth } = LAYER;
  const lies = (length: number, tap: number) => length - Math.abs(tap - 1);
  return Float32Array.from(
    { length: kernelHeight * kernelWidth * inChannels * outChannels },
    (_, at) => {
      const place = Math.floor(at / (inChannels * outChannels));
      return batch * lies(inHeight, Math.floor(place / kernelWidth)) * lies(inWidth, place % kernelWidth);
    },
  );
}
