import { type DistanceScratch, distanceScratch, squaredDistances } from "./distance_transform.ts";

export type Size = readonly [height: number, width: number];

/** Buffers of {@link directedDistances}. */
export interface DistanceBuffers {
  readonly squared: Float64Array;
  readonly scratch: DistanceScratch;
}

export function distanceBuffers(height: number, width: number): DistanceBuffers {
  return { squared: new Float64Array(height * width), scratch: distanceScratch(height, width) };
}

/** Pixels of a mask with a neighbour above, below, left or right that is not of it, or with the image's edge there. */
export function boundaryOf(mask: Uint8Array, [height, width]: Size): Uint8Array {
  const boundary = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (mask[at] === 0) continue;
      const inside = y > 0 && y < height - 1 && x > 0 && x < width - 1 && mask[at - width] === 1 &&
        mask[at + width] === 1 && mask[at - 1] === 1 && mask[at + 1] === 1;
      boundary[at] = inside ? 0 : 1;
    }
  }
  return boundary;
}

/** Distances in pixels, rising, from each pixel of one mask to the nearest of another; neither is empty. */
export function directedDistances(
  from: Uint8Array,
  to: Uint8Array,
  size: Size,
  { squared, scratch }: DistanceBuffers,
): Float64Array {
  squaredDistances(to, 1, size, squared, scratch);
  const distances: number[] = [];
  for (let pixel = 0; pixel < from.length; pixel++) {
    if (from[pixel] === 1) distances.push(Math.sqrt(squared[pixel]!));
  }
  return Float64Array.from(distances).sort();
}
