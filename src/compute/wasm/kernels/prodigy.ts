/**
 * Prodigy in place; arguments as in `optimizer.ts`. λ = `estimate` · lr · `correction`; q is the sum of gradients,
 * `displacements` is w₀ − w, `relative` is `estimate` / d₀ and `keep` β₃.
 */
import { madd } from "./simd";

/** sums[0] += relative · λ · Σ g · (w₀ − w);  sums[1] += Σ |q after the step|: two float64. */
export function prodigySums(
  weights: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  gradientSums: usize,
  displacements: usize,
  count: i32,
  controls: usize,
  sums: usize,
  scale: f32,
  decay: f32,
  estimate: f32,
  next: f32,
  relative: f32,
  keep: f32,
  fresh: f32,
  correction: f32,
  safeguard: bool,
  epsilon: f32,
): void {
  const rate = estimate * load<f32>(controls) * correction;
  const factor = f32x4.splat(scale), stays = f32x4.splat(keep);
  const part = f32x4.splat(relative * (safeguard ? estimate : rate));
  let along = f64x2.splat(0), size = f64x2.splat(0);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const g = f32x4.mul(factor, v128.load(gradients + at));
    const q = f32x4.abs(madd(part, g, f32x4.mul(stays, v128.load(gradientSums + at))));
    const moved = v128.load(displacements + at);
    along = f64x2.add(along, f64x2.mul(low(g), low(moved)));
    along = f64x2.add(along, f64x2.mul(high(g), high(moved)));
    size = f64x2.add(size, f64x2.add(low(q), high(q)));
  }
  const both = <f64> relative * <f64> rate * (f64x2.extract_lane(along, 0) + f64x2.extract_lane(along, 1));
  store<f64>(sums, load<f64>(sums) + both);
  store<f64>(sums, load<f64>(sums, 8) + f64x2.extract_lane(size, 0) + f64x2.extract_lane(size, 1), 8);
}

/**
 * m ← m + (1 − β₁)(d g − m);  s ← s + (1 − β₂)(d² g² − s);  q ← β₃ q + relative · λ · g (d in place of λ with
 * `safeguard`);  w ← w − λ (decay · w + m / (√s + d⁺ ε)), with d = `estimate`, d⁺ = `next` and `fresh` = 1 − β₂.
 */
export function prodigyUpdate(
  weights: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  gradientSums: usize,
  displacements: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  estimate: f32,
  next: f32,
  relative: f32,
  keep: f32,
  fresh: f32,
  correction: f32,
  safeguard: bool,
  epsilon: f32,
): void {
  const lr = load<f32>(controls), beta1 = load<f32>(controls, 4);
  const rate = estimate * lr * correction;
  const factor = f32x4.splat(scale), d = f32x4.splat(decay), stays = f32x4.splat(keep);
  const part = f32x4.splat(relative * (safeguard ? estimate : rate));
  const a = f32x4.splat(1 - beta1), b = f32x4.splat(fresh), eps = f32x4.splat(next * epsilon);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const w = v128.load(weights + at);
    const g = f32x4.mul(factor, v128.load(gradients + at));
    const scaled = f32x4.mul(f32x4.splat(estimate), g);
    const oldMean = v128.load(means + at), oldSquare = v128.load(squares + at);
    const m = madd(a, f32x4.sub(scaled, oldMean), oldMean);
    const s = madd(b, f32x4.sub(f32x4.mul(scaled, scaled), oldSquare), oldSquare);
    v128.store(means + at, m);
    v128.store(squares + at, s);
    v128.store(gradientSums + at, madd(part, g, f32x4.mul(stays, v128.load(gradientSums + at))));
    const direction = madd(d, w, f32x4.div(m, f32x4.add(f32x4.sqrt(s), eps)));
    const change = f32x4.mul(f32x4.splat(rate), direction);
    v128.store(weights + at, f32x4.sub(w, change));
    v128.store(displacements + at, f32x4.add(v128.load(displacements + at), change));
  }
  store<f32>(applied, lr);
  store<f32>(applied, beta1, 4);
}

// @ts-ignore: decorator
@inline
function low(value: v128): v128 {
  return f64x2.promote_low_f32x4(value);
}

// @ts-ignore: decorator
@inline
function high(value: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(value, value, 2, 3, 2, 3));
}
