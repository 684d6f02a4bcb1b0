/**
 * Optimizers in place, over a range of a model's parameters that share rate and decay. Counts are multiples of 4.
 * `controls` holds two floats, the rate and the momentum (Adam: first beta); `applied` receives the two that the
 * step used, so that what is recorded is what ran. `scale` is what clipping multiplies the gradient by.
 */
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

/**
 * g ← g · scale + decay · w;  v ← m · v + g;  w ← w − lr · (nesterov ? g + m · v : v).
 *
 * `controls` holds two floats, lr and m. `applied` receives the two that this step used, so that what is recorded
 * is what ran. `count` is a multiple of 4.
 */
export function sgdUpdate(
  weights: usize,
  gradients: usize,
  velocities: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  nesterov: bool,
): void {
  const lr = load<f32>(controls), momentum = load<f32>(controls, 4);
  const rate = f32x4.splat(-lr),
    m = f32x4.splat(momentum),
    factor = f32x4.splat(scale),
    d = f32x4.splat(decay);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const w = v128.load(weights + at);
    const g = madd(d, w, f32x4.mul(factor, v128.load(gradients + at)));
    const v = madd(m, v128.load(velocities + at), g);
    v128.store(velocities + at, v);
    v128.store(weights + at, madd(rate, nesterov ? madd(m, v, g) : v, w));
  }
  store<f32>(applied, lr);
  store<f32>(applied, momentum, 4);
}

/**
 * g ← g · scale + decay · w (w ← w − lr · decay · w where `decoupled`);  m ← m + (1 − β₁)(g − m);
 * v ← v + (1 − β₂)(g² − v);  w ← w − lr / c₁ · m / (√v / √c₂ + ε), with c₁ = `first`, √c₂ = `second`.
 * `fresh` is 1 − β₂, taken in float64: of β₂ = 0.999 in 32 bits it would be off by 1e-5 of itself.
 */
export function adamUpdate(
  weights: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  decoupled: bool,
  fresh: f32,
  first: f32,
  second: f32,
  epsilon: f32,
): void {
  const lr = load<f32>(controls), beta1 = load<f32>(controls, 4);
  const shrink = f32x4.splat(decoupled ? -lr * decay : 0), d = f32x4.splat(decoupled ? 0 : decay);
  const factor = f32x4.splat(scale), rate = f32x4.splat(-lr / first), root = f32x4.splat(second);
  const a = f32x4.splat(1 - beta1), b = f32x4.splat(fresh), eps = f32x4.splat(epsilon);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const w = v128.load(weights + at);
    const g = madd(d, w, f32x4.mul(factor, v128.load(gradients + at)));
    const oldMean = v128.load(means + at), oldSquare = v128.load(squares + at);
    const m = madd(a, f32x4.sub(g, oldMean), oldMean);
    const v = madd(b, f32x4.sub(f32x4.mul(g, g), oldSquare), oldSquare);
    v128.store(means + at, m);
    v128.store(squares + at, v);
    const step = f32x4.div(m, f32x4.add(f32x4.div(f32x4.sqrt(v), root), eps));
    v128.store(weights + at, madd(rate, step, madd(shrink, w, w)));
  }
  store<f32>(applied, lr);
  store<f32>(applied, beta1, 4);
}

/**
 * Adam with a decoupled decay, at `ratio` times the rate and with a β₁ of its own: `freshMean` = 1 − β₁. The momentum
 * of `controls` is another part's.
 */
export function secondaryAdamUpdate(
  weights: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  ratio: f32,
  freshMean: f32,
  fresh: f32,
  first: f32,
  second: f32,
  epsilon: f32,
): void {
  const lr = load<f32>(controls) * ratio;
  const shrink = f32x4.splat(-lr * decay), factor = f32x4.splat(scale), rate = f32x4.splat(-lr);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const w = v128.load(weights + at);
    const g = f32x4.mul(factor, v128.load(gradients + at));
    const step = adamDirection(g, means + at, squares + at, freshMean, fresh, first, second, epsilon);
    v128.store(weights + at, madd(rate, step, madd(shrink, w, w)));
  }
  store<f32>(applied, load<f32>(controls));
  store<f32>(applied, load<f32>(controls, 4), 4);
}

/**
 * One tensor: u = Adam's direction + decay · w, which takes the gradient's place;  w ← w − lr · ‖w‖ / ‖u‖ · u, where
 * `adapt` and both norms are above 0, else w − lr · u.
 */
export function lambUpdate(
  weights: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  adapt: bool,
  fresh: f32,
  first: f32,
  second: f32,
  epsilon: f32,
): void {
  const lr = load<f32>(controls), beta1 = load<f32>(controls, 4);
  const factor = f32x4.splat(scale), d = f32x4.splat(decay);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const g = f32x4.mul(factor, v128.load(gradients + at));
    const step = adamDirection(g, means + at, squares + at, 1 - beta1, fresh, first, second, epsilon);
    v128.store(gradients + at, madd(d, v128.load(weights + at), step));
  }
  const weightSquares = adapt ? sumOfSquares(weights, count) : 0;
  const stepSquares = adapt ? sumOfSquares(gradients, count) : 0;
  const ratio = weightSquares > 0 && stepSquares > 0 ? Math.sqrt(weightSquares / stepSquares) : 1;
  const rate = f32x4.splat(-lr * <f32> ratio);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    v128.store(weights + at, madd(rate, v128.load(gradients + at), v128.load(weights + at)));
  }
  store<f32>(applied, lr);
  store<f32>(applied, beta1, 4);
}

/** Adam's averages moved by g, and m / c₁ / (√v / √c₂ + ε). */
// @ts-ignore: decorator
@inline
function adamDirection(
  g: v128,
  means: usize,
  squares: usize,
  freshMean: f32,
  fresh: f32,
  first: f32,
  second: f32,
  epsilon: f32,
): v128 {
  const oldMean = v128.load(means), oldSquare = v128.load(squares);
  const m = madd(f32x4.splat(freshMean), f32x4.sub(g, oldMean), oldMean);
  const v = madd(f32x4.splat(fresh), f32x4.sub(f32x4.mul(g, g), oldSquare), oldSquare);
  v128.store(means, m);
  v128.store(squares, v);
  const root = f32x4.add(f32x4.div(f32x4.sqrt(v), f32x4.splat(second)), f32x4.splat(epsilon));
  return f32x4.div(f32x4.div(m, f32x4.splat(first)), root);
}

/**
 * c = m + (1 − β₁)(g − m);  w ← w − lr · decay · w − lr · sign(c);  m ← m + (1 − β₂)(g − m), with `fresh` = 1 − β₂. The
 * sign of 0 is 0, and of NaN NaN.
 */
export function lionUpdate(
  weights: usize,
  gradients: usize,
  means: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  fresh: f32,
): void {
  const lr = load<f32>(controls), beta1 = load<f32>(controls, 4);
  const shrink = f32x4.splat(-lr * decay), factor = f32x4.splat(scale), rate = f32x4.splat(-lr);
  const a = f32x4.splat(1 - beta1), b = f32x4.splat(fresh), zero = f32x4.splat(0), one = f32x4.splat(1);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const w = v128.load(weights + at), old = v128.load(means + at);
    const change = f32x4.sub(f32x4.mul(factor, v128.load(gradients + at)), old);
    const c = madd(a, change, old);
    v128.store(means + at, madd(b, change, old));
    const size = v128.bitselect(one, c, v128.or(f32x4.gt(c, zero), f32x4.lt(c, zero)));
    const sign = v128.bitselect(f32x4.neg(one), size, f32x4.lt(c, zero));
    v128.store(weights + at, madd(rate, sign, madd(shrink, w, w)));
  }
  store<f32>(applied, lr);
  store<f32>(applied, beta1, 4);
}

/** With `fresh` = 1 − α:  g ← g · scale + decay · w;  v ← v + (1 − α)(g² − v);  b ← m · b + g / (√v + ε);  w ← w − lr · b. */
export function rmspropUpdate(
  weights: usize,
  gradients: usize,
  squares: usize,
  velocities: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  fresh: f32,
  epsilon: f32,
): void {
  const lr = load<f32>(controls), momentum = load<f32>(controls, 4);
  const factor = f32x4.splat(scale), d = f32x4.splat(decay), rate = f32x4.splat(-lr);
  const a = f32x4.splat(fresh), m = f32x4.splat(momentum), eps = f32x4.splat(epsilon);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const w = v128.load(weights + at);
    const g = madd(d, w, f32x4.mul(factor, v128.load(gradients + at)));
    const old = v128.load(squares + at);
    const v = madd(a, f32x4.sub(f32x4.mul(g, g), old), old);
    const b = madd(m, v128.load(velocities + at), f32x4.div(g, f32x4.add(f32x4.sqrt(v), eps)));
    v128.store(squares + at, v);
    v128.store(velocities + at, b);
    v128.store(weights + at, madd(rate, b, w));
  }
  store<f32>(applied, lr);
  store<f32>(applied, momentum, 4);
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
