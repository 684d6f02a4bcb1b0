/**
 * Optimizers in place, over a range of a model's parameters that share rate and decay. Counts are multiples of 4.
 * `controls` holds two floats, the rate and the momentum (Adam: first beta); `applied` receives the two that the
 * step used, so that what is recorded is what ran. `scale` is what clipping multiplies the gradient by.
 */
import { madd } from "./simd";

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
