import type { Split } from "#train/data.ts";

/** Requests that every device refuses, in the same words. */

/** @throws {RangeError} for a name that no average of the weights has. */
export function checkAverage(name: string, known: Iterable<string>): void {
  const names = [...known];
  if (names.includes(name)) return;
  throw new RangeError(
    `No average is called ${JSON.stringify(name)}; there is ${names.join(", ") || "none"}`,
  );
}

/** @throws {RangeError} for no images, or more than go through the network at a time. */
export function checkStatisticsBatch(images: number, batchSize: number): void {
  if (images >= 1 && images <= batchSize) return;
  throw new RangeError(`Cannot estimate statistics from ${images} images: expected 1 to ${batchSize}`);
}

/** @throws {RangeError} for a split without images. */
export function checkEvaluated(split: Split, count: number): void {
  if (count === 0) throw new RangeError(`Cannot evaluate on ${split}: it has no images`);
}

/** @throws {RangeError} for a batch of no images. */
export function checkBatch(images: number): void {
  if (images < 1) throw new RangeError("Cannot take a batch of no images");
}
