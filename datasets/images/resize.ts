import type { Pixels } from "./pixels.ts";

/**
 * The largest square in the middle of an image, at `size` × `size` pixels: `[size, size, channels]`.
 *
 * Each new pixel is the average of the old ones under a triangle as wide as two new pixels (two old ones, where the image
 * grows), as Pillow's BILINEAR; so shrinking leaves no aliasing, and an image of that size stays as it is. Sums are in
 * float64 in a fixed order: the same bytes on every machine.
 */
export function squareOf({ width, height, channels, data }: Pixels, size: number): Uint8Array {
  const side = Math.min(width, height);
  const [left, top] = [(width - side) >> 1, (height - side) >> 1];
  const taps = tapsOf(side, size);

  // 1. Along rows: [side, size, channels].
  const rows = new Float64Array(side * size * channels);
  for (let y = 0; y < side; y++) {
    taps.forEach(({ first, weights }, x) => {
      const from = ((top + y) * width + left + first) * channels;
      const to = (y * size + x) * channels;
      weights.forEach((weight, tap) => {
        for (let channel = 0; channel < channels; channel++) {
          rows[to + channel]! += weight * data[from + tap * channels + channel]!;
        }
      });
    });
  }

  // 2. Along columns.
  const line = size * channels;
  const into = new Uint8Array(size * line);
  taps.forEach(({ first, weights }, y) => {
    for (let at = 0; at < line; at++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) sum += weights[tap]! * rows[(first + tap) * line + at]!;
      into[y * line + at] = Math.round(sum);
    }
  });
  return into;
}

interface Taps {
  /** The first old pixel. */
  readonly first: number;
  /** Of the old pixels from there on; they sum to 1. */
  readonly weights: readonly number[];
}

/** The old pixels of each new one, along one axis. */
function tapsOf(from: number, to: number): Taps[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach));
    const last = Math.min(from, Math.ceil(centre + reach));
    const raw = Array.from(
      { length: last - first },
      (_, tap) => Math.max(0, 1 - Math.abs(first + tap + 0.5 - centre) / reach),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}
