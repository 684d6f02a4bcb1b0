/**
 * Schedule-free optimizers in place; arguments as in `optimizer.ts`. `offsets` is z − x; `share` is the weight of the new
 * z in the average x, `held` is 1 − β of the last step. With u the direction:
 *
 *     t = offset − lr · u;  x = w − held · offset + share · t;  offset ← (1 − share) · t;  w ← x + (1 − β) · offset
 */
import { madd } from "./simd";

/** u is the gradient, with its decay. */
export function scheduleFreeSgdUpdate(
  weights: usize,
  gradients: usize,
  offsets: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  share: f32,
  held: f32,
): void {
  const lr = load<f32>(controls), beta = load<f32>(controls, 4);
  const factor = f32x4.splat(scale), d = f32x4.splat(decay);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const w = v128.load(weights + at);
    const g = madd(d, w, f32x4.mul(factor, v128.load(gradients + at)));
    average(weights + at, offsets + at, w, g, lr, beta, share, held);
  }
  store<f32>(applied, lr);
  store<f32>(applied, beta, 4);
}

/** s ← s + (1 − β₂)(g² − s);  u = g / (√s / √c₂ + ε) + decay · w, with √c₂ = `second` and `fresh` = 1 − β₂. */
export function scheduleFreeAdamwUpdate(
  weights: usize,
  gradients: usize,
  squares: usize,
  offsets: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  share: f32,
  held: f32,
  second: f32,
  fresh: f32,
  epsilon: f32,
): void {
  const lr = load<f32>(controls), beta = load<f32>(controls, 4);
  const factor = f32x4.splat(scale), d = f32x4.splat(decay), root = f32x4.splat(second);
  const b = f32x4.splat(fresh), eps = f32x4.splat(epsilon);
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const w = v128.load(weights + at);
    const g = f32x4.mul(factor, v128.load(gradients + at));
    const old = v128.load(squares + at);
    const s = madd(b, f32x4.sub(f32x4.mul(g, g), old), old);
    v128.store(squares + at, s);
    const u = madd(d, w, f32x4.div(g, f32x4.add(f32x4.div(f32x4.sqrt(s), root), eps)));
    average(weights + at, offsets + at, w, u, lr, beta, share, held);
  }
  store<f32>(applied, lr);
  store<f32>(applied, beta, 4);
}

// @ts-ignore: decorator
@inline
function average(
  weights: usize,
  offsets: usize,
  w: v128,
  u: v128,
  lr: f32,
  beta: f32,
  share: f32,
  held: f32,
): void {
  const old = v128.load(offsets);
  const t = madd(f32x4.splat(-lr), u, old);
  const x = madd(f32x4.splat(share), t, madd(f32x4.splat(-held), old, w));
  const offset = f32x4.mul(f32x4.splat(1 - share), t);
  v128.store(offsets, offset);
  v128.store(weights, madd(f32x4.splat(1 - beta), offset, x));
}
