/** Adam and what takes its direction. Arguments are those of `optimizer.ts`. */
import { madd } from "./simd";
import { sumOfSquares } from "./vector";

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
