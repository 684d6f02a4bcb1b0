import { NEWTON_SCHULZ, NEWTON_SCHULZ_EPSILON } from "#train/optimizers/newton_schulz.ts";
import { float, type Kernel, kernel, MAX_TRIPS } from "../kernel.ts";

/**
 * Newton–Schulz on one matrix, which has as few rows as it can: `[short, long]`, transposed where it lies as
 * `[rows, columns]` with more rows than columns. Each thread makes one value of a product.
 */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
}

const sides = ({ rows, columns }: Matrix) => ({
  short: Math.min(rows, columns),
  long: Math.max(rows, columns),
});

/** The place in `[short, long]` of the value at `index` of `[rows, columns]`. */
const place = ({ rows, columns }: Matrix) =>
  rows > columns ? `(index % ${columns}) * ${rows} + index / ${columns}` : "index";

/** `(gradients, sums) → x`: over its norm, whose square is the second sum of the tensor. */
export function loadMatrix(matrix: Matrix, tensor: number): Kernel {
  if (sides(matrix).long > MAX_TRIPS) {
    throw new RangeError(
      `Cannot orthogonalise a kernel of [${matrix.rows}, ${matrix.columns}] on WebGPU: a side has at most ${MAX_TRIPS}`,
    );
  }
  return kernel({
    name: `load_matrix ${matrix.rows}x${matrix.columns} ${tensor}`,
    reads: { gradients: "f32", sums: "f32" },
    writes: { x: "f32" },
    sizes: { invocations: matrix.rows * matrix.columns },
    body: `x[${place(matrix)}] = gradients[index] / (sqrt(sums[${2 * tensor + 1}]) + ${
      float(NEWTON_SCHULZ_EPSILON)
    });`,
  });
}

/** `(x) → gram [short, short]`: x · xᵀ. */
export function gramMatrix(matrix: Matrix): Kernel {
  const { short, long } = sides(matrix);
  return kernel({
    name: `gram_matrix ${short}x${long}`,
    reads: { x: "f32" },
    writes: { gram: "f32" },
    sizes: { invocations: short * short },
    body: `let row = index / ${short} * ${long};
  let other = index % ${short} * ${long};
  var sum = 0.0;
  for (var at = 0; at < ${long}; at++) { sum = fma(x[row + at], x[other + at], sum); }
  gram[index] = sum;`,
  });
}

/** `(gram) → polynomial`: b · gram + c · gram². */
export function gramPolynomial(matrix: Matrix): Kernel {
  const { short } = sides(matrix);
  const [, b, c] = NEWTON_SCHULZ;
  return kernel({
    name: `gram_polynomial ${short}`,
    reads: { gram: "f32" },
    writes: { polynomial: "f32" },
    sizes: { invocations: short * short },
    body: `let row = index / ${short} * ${short};
  let column = index % ${short};
  var sum = 0.0;
  for (var at = 0; at < ${short}; at++) { sum = fma(gram[row + at], gram[at * ${short} + column], sum); }
  polynomial[index] = ${float(b)} * gram[index] + ${float(c)} * sum;`,
  });
}

/** `(polynomial, x) → next [short, long]`: a · x + polynomial · x. */
export function polynomialStep(matrix: Matrix): Kernel {
  const { short, long } = sides(matrix);
  const [a] = NEWTON_SCHULZ;
  return kernel({
    name: `polynomial_step ${short}x${long}`,
    reads: { polynomial: "f32", x: "f32" },
    writes: { next: "f32" },
    sizes: { invocations: short * long },
    body: `let row = index / ${long} * ${short};
  let column = index % ${long};
  var sum = 0.0;
  for (var at = 0; at < ${short}; at++) { sum = fma(polynomial[row + at], x[at * ${long} + column], sum); }
  next[index] = ${float(a)} * x[index] + sum;`,
  });
}

/** `(x) → gradients`: times a factor, as it lay before. */
export function storeMatrix(matrix: Matrix, factor: number): Kernel {
  return kernel({
    name: `store_matrix ${matrix.rows}x${matrix.columns}`,
    reads: { x: "f32" },
    writes: { gradients: "f32" },
    sizes: { invocations: matrix.rows * matrix.columns },
    body: `gradients[index] = ${float(factor)} * x[${place(matrix)}];`,
  });
}
