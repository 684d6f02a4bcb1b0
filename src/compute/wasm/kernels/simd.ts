/** Vector helpers that every kernel shares. A vector is four float32 lanes; pointers are byte addresses. */

/** a · b + c: fused (one rounding) in the relaxed build, two roundings in the plain one. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** The larger of a and b, a where either is NaN: one instruction, where `f32x4.max` takes eight. */
// @ts-ignore: decorator
@inline
export function atLeast(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

/** Four lanes, or where `whole` is false the first `lanes` (1 … 3) and zeros, reading nothing past them. */
// @ts-ignore: decorator
@inline
export function read(whole: bool, from: usize, lanes: i32): v128 {
  return whole ? v128.load(from) : readLanes(from, lanes);
}

/** The inverse of `read`: writes nothing past `lanes`. */
// @ts-ignore: decorator
@inline
export function write(whole: bool, to: usize, value: v128, lanes: i32): void {
  if (whole) v128.store(to, value);
  else writeLanes(to, value, lanes);
}

function readLanes(from: usize, lanes: i32): v128 {
  let value = f32x4.replace_lane(f32x4.splat(0), 0, load<f32>(from));
  if (lanes > 1) value = f32x4.replace_lane(value, 1, load<f32>(from, 4));
  if (lanes > 2) value = f32x4.replace_lane(value, 2, load<f32>(from, 8));
  return value;
}

function writeLanes(to: usize, value: v128, lanes: i32): void {
  store<f32>(to, f32x4.extract_lane(value, 0));
  if (lanes > 1) store<f32>(to, f32x4.extract_lane(value, 1), 4);
  if (lanes > 2) store<f32>(to, f32x4.extract_lane(value, 2), 8);
}

/** Writes the first `lanes` (1 … 7) of eight lanes held in two vectors. */
export function writeEight(to: usize, low: v128, high: v128, lanes: i32): void {
  if (lanes < 4) {
    writeLanes(to, low, lanes);
  } else {
    v128.store(to, low);
    if (lanes > 4) writeLanes(to + 16, high, lanes - 4);
  }
}

/** memory[to …] += value, in `lanes` lanes. */
// @ts-ignore: decorator
@inline
export function accumulate(whole: bool, to: usize, value: v128, lanes: i32): void {
  write(whole, to, f32x4.add(read(whole, to, lanes), value), lanes);
}

/** sums[lane] += values[lane] for the first `lanes` of four, sums in float64. */
// @ts-ignore: decorator
@inline
export function addSums(to: usize, values: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(values)));
    const high = f64x2.promote_low_f32x4(i32x4.shuffle(values, values, 2, 3, 2, 3));
    v128.store(to, f64x2.add(v128.load(to, 16), high), 16);
  } else {
    store<f64>(to, load<f64>(to) + <f64>f32x4.extract_lane(values, 0));
    if (lanes > 1) store<f64>(to, load<f64>(to, 8) + <f64>f32x4.extract_lane(values, 1), 8);
    if (lanes > 2) store<f64>(to, load<f64>(to, 16) + <f64>f32x4.extract_lane(values, 2), 16);
  }
}
