import type { Batch } from "#train/learner.ts";

/** Images `start` to `start + count`, neither shifted nor mirrored: how held-out images are seen. */
export function plainBatch(start: number, count: number): Batch {
  return plainBatchOf(Uint32Array.from({ length: count }, (_, item) => start + item));
}

function plainBatchOf(indices: Uint32Array): Batch {
  const count = indices.length;
  return {
    indices,
    shiftX: new Int8Array(count),
    shiftY: new Int8Array(count),
    flip: new Uint8Array(count),
  };
}

/** Plain batches of at most `most` images each: those that are named, or all `count` of a split. */
export function* plainBatches(
  count: number,
  most: number,
  images: readonly number[] = Array.from({ length: count }, (_, image) => image),
): Generator<{ readonly batch: Batch; readonly start: number }> {
  const wrong = images.find((image) => !(Number.isInteger(image) && image >= 0 && image < count));
  if (wrong !== undefined) throw new RangeError(`Cannot take image ${wrong} of ${count}`);
  for (let start = 0; start < images.length; start += most) {
    yield { batch: plainBatchOf(Uint32Array.from(images.slice(start, start + most))), start };
  }
}

/** Images `from` … `to` − 1 of a batch. */
export function cutBatch({ indices, shiftX, shiftY, flip }: Batch, from: number, to: number): Batch {
  return {
    indices: indices.subarray(from, to),
    shiftX: shiftX.subarray(from, to),
    shiftY: shiftY.subarray(from, to),
    flip: flip.subarray(from, to),
  };
}
