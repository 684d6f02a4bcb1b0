import type { Batch } from "#train/learner.ts";

/** Images `start` to `start + count`, neither shifted nor mirrored: how held-out images are seen. */
export function plainBatch(start: number, count: number): Batch {
  return {
    indices: Uint32Array.from({ length: count }, (_, item) => start + item),
    shiftX: new Int8Array(count),
    shiftY: new Int8Array(count),
    flip: new Uint8Array(count),
  };
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
