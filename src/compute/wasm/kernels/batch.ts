/**
 * A batch from bytes to the network's input: flipped, shifted, normalised by a table, into a padded image. The same
 * bits as `fillBatch` in src/train/batches.ts.
 *
 * `bytes`: [batch, height, width, channels] pixels; `moves`: three arrays of `batch` bytes: shift right, shift down
 * (signed), flip; `table`: [channels][256] floats. Pixels from outside the image are 0. The padding around the image
 * is left alone.
 */
export function fillInput(
  bytes: usize,
  moves: usize,
  table: usize,
  out: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outRow: usize,
  outImage: usize,
): void {
  for (let item = 0; item < batch; item++, bytes += <usize> (height * width * channels)) {
    const shiftX = <i32> load<i8>(moves + item);
    const shiftY = <i32> load<i8>(moves + batch + item);
    const flip = load<u8>(moves + 2 * batch + item) == 1;
    // Columns whose source lies inside the image.
    const first = max(0, min(width, shiftX)), last = max(first, min(width, width + shiftX));
    for (let y = 0; y < height; y++) {
      const to = out + <usize> item * outImage + <usize> y * outRow;
      const sourceY = y - shiftY;
      if (sourceY < 0 || sourceY >= height) {
        memory.fill(to, 0, <usize> (width * channels) << 2);
        continue;
      }
      const sourceX = flip ? width - 1 - first + shiftX : first - shiftX;
      const from = bytes + <usize> ((sourceY * width + sourceX) * channels);
      const start = to + (<usize> (first * channels) << 2), end = to + (<usize> (last * channels) << 2);
      if (first > 0) memory.fill(to, 0, start - to);
      // Known channels unroll.
      if (channels == 3) fillRow(from, table, start, end, 3, flip);
      else if (channels == 1) fillRow(from, table, start, end, 1, flip);
      else fillRow(from, table, start, end, channels, flip);
      if (last < width) memory.fill(end, 0, to + (<usize> (width * channels) << 2) - end);
    }
  }
}

/** Neighbouring pixels, or with `flip` from right to left, through the table to `to … end`. */
// @ts-ignore: decorator
@inline
function fillRow(from: usize, table: usize, to: usize, end: usize, channels: i32, flip: bool): void {
  const step: usize = flip ? -channels : channels;
  for (; to < end; from += step) {
    for (let c = 0; c < channels; c++, to += 4) {
      store<f32>(to, load<f32>(table + (<usize> ((c << 8) + <i32> load<u8>(from + c)) << 2)));
    }
  }
}
