/**
 * Muon in place; arguments as in `optimizer.ts`, for one tensor. A kernel is a matrix `[rows, columns]`; Newton–Schulz
 * works on it with as few rows as it can have, transposed where it has more rows than columns, every side padded with
 * zeros to a multiple of 8: `[short, long]`. `scratch` holds four matrices: twice [short, long], twice [short, short].
 */
import { madd } from "./simd";
import { sumOfSquares } from "./vector";

/**
 * m ← m + (1 − momentum)(g − m);  u = nesterov ? g + momentum (m − g) : m;
 * w ← w − lr · decay · w − lr · `factor` · u with its singular values near 1.
 */
export function muonUpdate(
  weights: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  count: i32,
  controls: usize,
  applied: usize,
  scale: f32,
  decay: f32,
  nesterov: bool,
  rows: i32,
  columns: i32,
  factor: f32,
  scratch: usize,
): void {
  const lr = load<f32>(controls), momentum = load<f32>(controls, 4);
  const s = f32x4.splat(scale), fresh = f32x4.splat(1 - momentum), keep = f32x4.splat(momentum);
  // 1. The direction, in the place of the gradient.
  for (let i = 0; i < count; i += 4) {
    const at = <usize> i << 2;
    const g = f32x4.mul(s, v128.load(gradients + at));
    const old = v128.load(means + at);
    const m = madd(fresh, f32x4.sub(g, old), old);
    v128.store(means + at, m);
    v128.store(gradients + at, nesterov ? madd(keep, f32x4.sub(m, g), g) : m);
  }

  // 2. The matrix over its norm, with as few rows as can be.
  const turned = rows > columns;
  const short = padded(turned ? columns : rows), long = padded(turned ? rows : columns);
  const wide = <usize> (short * long) << 2, square = <usize> (short * short) << 2;
  let x = scratch, next = scratch + wide;
  const gram = next + wide, polynomial = gram + square;
  const inverse = <f32> (1 / (Math.sqrt(sumOfSquares(gradients, count)) + 1e-7));
  memory.fill(x, 0, wide);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = load<f32>(gradients + (<usize> (row * columns + column) << 2)) * inverse;
      store<f32>(x + (<usize> (turned ? column * long + row : row * long + column) << 2), value);
    }
  }

  // 3. Newton–Schulz.
  for (let step = 0; step < 5; step++) {
    timesTransposed(gram, x, short, long);
    product(polynomial, gram, gram, short, short, gram, -4.775, 2.0315);
    product(next, polynomial, x, short, long, x, 3.4445, 1);
    const old = x;
    x = next;
    next = old;
  }

  // 4. The step.
  const shrink: f32 = <f32> 1 - lr * decay;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = weights + (<usize> (row * columns + column) << 2);
      const value = load<f32>(x + (<usize> (turned ? column * long + row : row * long + column) << 2));
      store<f32>(at, load<f32>(at) * shrink - lr * factor * value);
    }
  }
  store<f32>(applied, lr);
  store<f32>(applied, momentum, 4);
}

// @ts-ignore: decorator
@inline
function padded(size: i32): i32 {
  return (size + 7) & ~7;
}

/** into [rows, rows] = x · xᵀ, of `x` [rows, columns]; four rows by two at a time, each once, and mirrored. */
function timesTransposed(into: usize, x: usize, rows: i32, columns: i32): void {
  const stride = <usize> columns << 2;
  for (let i = 0; i < rows; i += 4) {
    for (let j = 0; j < i + 4; j += 2) {
      let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
      let left = x + i * stride, right = x + j * stride;
      for (let k = 0; k < columns; k += 4, left += 16, right += 16) {
        const r = v128.load(right), t = v128.load(right + stride);
        const first = v128.load(left), second = v128.load(left + stride);
        const third = v128.load(left + 2 * stride), fourth = v128.load(left + 3 * stride);
        a = madd(first, r, a);
        b = madd(first, t, b);
        c = madd(second, r, c);
        d = madd(second, t, d);
        e = madd(third, r, e);
        f = madd(third, t, f);
        g = madd(fourth, r, g);
        h = madd(fourth, t, h);
      }
      mirrored(into, rows, i, j, a, b);
      mirrored(into, rows, i + 1, j, c, d);
      mirrored(into, rows, i + 2, j, e, f);
      mirrored(into, rows, i + 3, j, g, h);
    }
  }
}

// @ts-ignore: decorator
@inline
function mirrored(into: usize, rows: i32, i: i32, j: i32, a: v128, b: v128): void {
  const left = total(a), right = total(b);
  store<f32>(into + (<usize> (i * rows + j) << 2), left);
  store<f32>(into + (<usize> (i * rows + j + 1) << 2), right);
  store<f32>(into + (<usize> (j * rows + i) << 2), left);
  store<f32>(into + (<usize> ((j + 1) * rows + i) << 2), right);
}

// @ts-ignore: decorator
@inline
function total(value: v128): f32 {
  return (f32x4.extract_lane(value, 0) + f32x4.extract_lane(value, 1)) +
    (f32x4.extract_lane(value, 2) + f32x4.extract_lane(value, 3));
}

/** into = alpha · addend + beta · left · right, of `left` [rows, rows] and `right` [rows, columns]; 4 by 8 at a time. */
function product(
  into: usize,
  left: usize,
  right: usize,
  rows: i32,
  columns: i32,
  addend: usize,
  alpha: f32,
  beta: f32,
): void {
  const stride = <usize> columns << 2, leftStride = <usize> rows << 2;
  for (let i = 0; i < rows; i += 4) {
    for (let j = 0; j < columns; j += 8) {
      let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
      let l = left + i * leftStride, r = right + (<usize> j << 2);
      for (let k = 0; k < rows; k++, l += 4, r += stride) {
        const near = v128.load(r), far = v128.load(r, 16);
        const first = v128.load32_splat(l), second = v128.load32_splat(l + leftStride);
        const third = v128.load32_splat(l + 2 * leftStride), fourth = v128.load32_splat(l + 3 * leftStride);
        a = madd(first, near, a);
        b = madd(first, far, b);
        c = madd(second, near, c);
        d = madd(second, far, d);
        e = madd(third, near, e);
        f = madd(third, far, f);
        g = madd(fourth, near, g);
        h = madd(fourth, far, h);
      }
      const at = i * stride + (<usize> j << 2);
      combine(into + at, addend + at, a, b, alpha, beta);
      combine(into + at + stride, addend + at + stride, c, d, alpha, beta);
      combine(into + at + 2 * stride, addend + at + 2 * stride, e, f, alpha, beta);
      combine(into + at + 3 * stride, addend + at + 3 * stride, g, h, alpha, beta);
    }
  }
}

// @ts-ignore: decorator
@inline
function combine(into: usize, addend: usize, near: v128, far: v128, alpha: f32, beta: f32): void {
  const a = f32x4.splat(alpha), b = f32x4.splat(beta);
  v128.store(into, madd(b, near, f32x4.mul(a, v128.load(addend))));
  v128.store(into, madd(b, far, f32x4.mul(a, v128.load(addend, 16))), 16);
}
