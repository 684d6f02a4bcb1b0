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
    for (let y = 0; y < height; y++) {
      let to = out + <usize> item * outImage + <usize> y * outRow;
      const sourceY = y - shiftY;
      if (sourceY < 0 || sourceY >= height) {
        memory.fill(to, 0, <usize> (width * channels) << 2);
        continue;
      }
      for (let x = 0; x < width; x++) {
        const shifted = x - shiftX;
        const sourceX = flip ? width - 1 - shifted : shifted;
        const inside = sourceX >= 0 && sourceX < width;
        const from = bytes + <usize> ((sourceY * width + sourceX) * channels);
        for (let c = 0; c < channels; c++, to += 4) {
          store<f32>(
            to,
            inside ? load<f32>(table + (<usize> ((c << 8) + <i32> load<u8>(from + c)) << 2)) : 0,
          );
        }
      }
    }
  }
}
