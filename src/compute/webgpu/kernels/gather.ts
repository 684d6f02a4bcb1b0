import { type Kernel, kernel } from "../kernel.ts";
import { ITEM_WORDS } from "./loss.ts";

/** Added to a shift, so that it is packed as a whole number from 0. */
export const SHIFT_BIAS = 128;

/**
 * `(pixels, table [channels, 256], items [batch, 2]) → images [batch, height, width, channels]`: what `fillBatch` in
 * train/batches.ts defines. Pixels lie four to a word, first in the lowest byte. An item is the image's number and
 * (shiftX + 128) | (shiftY + 128) << 8 | flip << 16. Normalised values are looked up, so they have the host's bits.
 * `pixels` holds the images from `first` on; items of others are left to the gather of their chunk.
 */
export function gatherBatch(
  batch: number,
  shape: readonly [number, number, number],
  chunk: { readonly first: number; readonly count: number },
): Kernel {
  const [height, width, channels] = shape;
  return kernel({
    name: `gather_batch ${height}x${width}x${channels}`,
    reads: { pixels: "u32", table: "f32", items: "u32" },
    writes: { images: "f32" },
    // `rows` images, from number `parts` on: other chunks need no other code.
    sizes: { invocations: batch * height * width, rows: chunk.count, parts: chunk.first },
    body: `let item = index / ${height * width};
  let image = i32(items[item * ${ITEM_WORDS}]) - sizes.parts;
  if (image < 0 || image >= sizes.rows) { return; }
  let y = (index / ${width}) % ${height};
  let x = index % ${width};
  let motion = items[item * ${ITEM_WORDS} + 1];
  let shiftedX = x - (i32(motion & 255u) - ${SHIFT_BIAS});
  let sourceY = y - (i32((motion >> 8u) & 255u) - ${SHIFT_BIAS});
  let sourceX = select(shiftedX, ${width - 1} - shiftedX, (motion >> 16u) == 1u);
  let inside = sourceY >= 0 && sourceY < ${height} && sourceX >= 0 && sourceX < ${width};
  let pixel = ((image * ${height} + clamp(sourceY, 0, ${height - 1})) * ${width} +
    clamp(sourceX, 0, ${width - 1})) * ${channels};
  for (var channel = 0; channel < ${channels}; channel++) {
    let at = pixel + channel;
    let byte = (pixels[at / 4] >> (8u * u32(at % 4))) & 255u;
    images[index * ${channels} + channel] = select(0.0, table[channel * 256 + i32(byte)], inside);
  }`,
  });
}
