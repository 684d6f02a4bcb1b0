/** Inverted dropout as `compute/dropout_mask.ts` defines it: masks are computed again wherever they are wanted. */
import { read, write } from "./simd";

/** Each lane's bits turned left. */
// @ts-ignore: decorator
@inline
function turned(value: v128, by: i32): v128 {
  return v128.or(i32x4.shl(value, by), i32x4.shr_u(value, 32 - by));
}

/** The first words of Threefry2x32 with 20 rounds (Salmon et al., 2011) for four counters that differ in the second word. */
// @ts-ignore: decorator
@inline
function threefry(key0: u32, key1: u32, counter0: u32, counter1: v128): v128 {
  const key2: u32 = 0x1bd11bda ^ key0 ^ key1;
  let a = i32x4.splat(counter0 + key0), b = i32x4.add(counter1, i32x4.splat(key1));
  a = i32x4.add(a, b); b = v128.xor(turned(b, 13), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 15), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 26), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 6), a);
  a = i32x4.add(a, i32x4.splat(key1)); b = i32x4.add(b, i32x4.splat(key2 + 1));
  a = i32x4.add(a, b); b = v128.xor(turned(b, 17), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 29), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 16), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 24), a);
  a = i32x4.add(a, i32x4.splat(key2)); b = i32x4.add(b, i32x4.splat(key0 + 2));
  a = i32x4.add(a, b); b = v128.xor(turned(b, 13), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 15), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 26), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 6), a);
  a = i32x4.add(a, i32x4.splat(key0)); b = i32x4.add(b, i32x4.splat(key1 + 3));
  a = i32x4.add(a, b); b = v128.xor(turned(b, 17), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 29), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 16), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 24), a);
  a = i32x4.add(a, i32x4.splat(key1)); b = i32x4.add(b, i32x4.splat(key2 + 4));
  a = i32x4.add(a, b); b = v128.xor(turned(b, 13), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 15), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 26), a);
  a = i32x4.add(a, b); b = v128.xor(turned(b, 6), a);
  return i32x4.add(a, i32x4.splat(key2));
}

/** All bits of the lanes that are dropped, of four units from `unit` on of the image at place `image`. */
// @ts-ignore: decorator
@inline
export function droppedLanes(key: u32, step: u32, image: u32, unit: u32, threshold: u32): v128 {
  const units = i32x4.add(i32x4.splat(unit), i32x4(0, 1, 2, 3));
  return i32x4.lt_u(threefry(key, step, image, units), i32x4.splat(threshold));
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
  const factors = f32x4.splat(factor);
  for (let item = 0; item < batch; item++) {
    let unit: u32 = 0;
    for (let row = 0; row < height; row++) {
      let from = x + <usize> item * xImage + <usize> row * xRow;
      let to = out + <usize> item * outImage + <usize> row * outRow;
      for (let column = 0; column < width; column++, from += xPixel, to += outPixel, unit += channels) {
        for (let c = 0; c < channels; c += 4) {
          const at = <usize> c << 2, lanes = channels - c, whole = lanes >= 4;
          const dropped = droppedLanes(key, step, first + item, unit + c, threshold);
          const kept = f32x4.mul(read(whole, from + at, lanes), factors);
          write(whole, to + at, v128.andnot(kept, dropped), lanes);
        }
      }
    }
  }
}
