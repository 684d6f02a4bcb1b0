/** Inverted dropout as `compute/dropout_mask.ts` defines it: masks are computed again wherever they are wanted. */

/** The first word of Threefry2x32 with 20 rounds (Salmon et al., 2011). */
// @ts-ignore: decorator
@inline
function threefry(key0: u32, key1: u32, counter0: u32, counter1: u32): u32 {
  const key2: u32 = 0x1bd11bda ^ key0 ^ key1;
  let a = counter0 + key0, b = counter1 + key1;
  a += b; b = rotl<u32>(b, 13) ^ a;
  a += b; b = rotl<u32>(b, 15) ^ a;
  a += b; b = rotl<u32>(b, 26) ^ a;
  a += b; b = rotl<u32>(b, 6) ^ a;
  a += key1; b += key2 + 1;
  a += b; b = rotl<u32>(b, 17) ^ a;
  a += b; b = rotl<u32>(b, 29) ^ a;
  a += b; b = rotl<u32>(b, 16) ^ a;
  a += b; b = rotl<u32>(b, 24) ^ a;
  a += key2; b += key0 + 2;
  a += b; b = rotl<u32>(b, 13) ^ a;
  a += b; b = rotl<u32>(b, 15) ^ a;
  a += b; b = rotl<u32>(b, 26) ^ a;
  a += b; b = rotl<u32>(b, 6) ^ a;
  a += key0; b += key1 + 3;
  a += b; b = rotl<u32>(b, 17) ^ a;
  a += b; b = rotl<u32>(b, 29) ^ a;
  a += b; b = rotl<u32>(b, 16) ^ a;
  a += b; b = rotl<u32>(b, 24) ^ a;
  a += key1; b += key2 + 4;
  a += b; b = rotl<u32>(b, 13) ^ a;
  a += b; b = rotl<u32>(b, 15) ^ a;
  a += b; b = rotl<u32>(b, 26) ^ a;
  a += b; b = rotl<u32>(b, 6) ^ a;
  return a + key2;
}

/**
 * out = x · factor, or 0 where the unit's random bits are below `threshold`; the backward pass is the same of gradients.
 * `mask`: u32, the step's number and the place of the first image.
 * Unit (row · width + column) · channels + channel of the image at place first + item. Images have contiguous channels;
 * strides are in bytes, and a stride of 0 repeats. Nothing past the named pixels is touched.
 */
export function dropout(
  x: usize,
  out: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  outPixel: usize,
  outRow: usize,
  outImage: usize,
  key: u32,
  mask: usize,
  threshold: u32,
  factor: f32,
): void {
  const step = load<u32>(mask), first = load<u32>(mask, 4);
  for (let item = 0; item < batch; item++) {
    let unit: u32 = 0;
    for (let row = 0; row < height; row++) {
      let from = x + <usize> item * xImage + <usize> row * xRow;
      let to = out + <usize> item * outImage + <usize> row * outRow;
      for (let column = 0; column < width; column++, from += xPixel, to += outPixel) {
        for (let c = 0; c < channels; c++, unit++) {
          const at = <usize> c << 2;
          const kept = threefry(key, step, first + item, unit) >= threshold;
          store<f32>(to + at, kept ? load<f32>(from + at) * factor : 0);
        }
      }
    }
  }
}
