/** Arrays of floats as a whole: sums, bounds, averages. Counts are multiples of 4. */
import { madd } from "./simd";

/** Σ g², in float64; `count` is a multiple of 4. */
export function sumOfSquares(gradient: usize, count: i32): f64 {
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (let i = 0; i < count; i += 4, gradient += 16) {
    const value = v128.load(gradient);
    const a = f64x2.promote_low_f32x4(value);
    const b = f64x2.promote_low_f32x4(i32x4.shuffle(value, value, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Each value into −bound … bound; NaN stays NaN. */
export function clampValues(values: usize, count: i32, bound: f32): void {
  const low = f32x4.splat(-bound), high = f32x4.splat(bound);
  for (let i = 0; i < count; i += 4, values += 16) {
    v128.store(values, f32x4.min(f32x4.max(v128.load(values), low), high));
  }
}

/** into ← into + share · (from − into); a share of 1 copies. */
export function moveTowards(into: usize, from: usize, count: i32, share: f32): void {
  const s = f32x4.splat(share);
  for (let i = 0; i < count; i += 4, into += 16, from += 16) {
    const old = v128.load(into), aim = v128.load(from);
    v128.store(into, share == 1 ? aim : madd(s, f32x4.sub(aim, old), old));
  }
}

/** into ← into + from. */
export function addTo(into: usize, from: usize, count: i32): void {
  for (let i = 0; i < count; i += 4, into += 16, from += 16) {
    v128.store(into, f32x4.add(v128.load(into), v128.load(from)));
  }
}

/**
 * 12 · 4 · `rounds` multiply-adds on numbers that stay in registers, in twelve chains: the most that a core does in
 * this build, for benchmarks. `values`: 224 bytes, read and written, so that no chain can be left out or shared.
 */
export function multiplyAdds(values: usize, rounds: i32): void {
  // Constants would be made anew for each use.
  const s = v128.load(values, 192), t = v128.load(values, 208);
  let a = v128.load(values), b = v128.load(values, 16), c = v128.load(values, 32), d = v128.load(values, 48);
  let e = v128.load(values, 64), f = v128.load(values, 80), g = v128.load(values, 96), h = v128.load(values, 112);
  let i = v128.load(values, 128), j = v128.load(values, 144), k = v128.load(values, 160), l = v128.load(values, 176);
  for (let round = 0; round < rounds; round++) {
    a = madd(s, t, a);
    b = madd(s, t, b);
    c = madd(s, t, c);
    d = madd(s, t, d);
    e = madd(s, t, e);
    f = madd(s, t, f);
    g = madd(s, t, g);
    h = madd(s, t, h);
    i = madd(s, t, i);
    j = madd(s, t, j);
    k = madd(s, t, k);
    l = madd(s, t, l);
  }
  v128.store(values, a);
  v128.store(values, b, 16);
  v128.store(values, c, 32);
  v128.store(values, d, 48);
  v128.store(values, e, 64);
  v128.store(values, f, 80);
  v128.store(values, g, 96);
  v128.store(values, h, 112);
  v128.store(values, i, 128);
  v128.store(values, j, 144);
  v128.store(values, k, 160);
  v128.store(values, l, 176);
}
