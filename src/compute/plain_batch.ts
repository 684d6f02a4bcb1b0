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
