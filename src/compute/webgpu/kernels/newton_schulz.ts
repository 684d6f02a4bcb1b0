import { NEWTON_SCHULZ, NEWTON_SCHULZ_EPSILON } from "#train/optimizers/newton_schulz.ts";
import { float, type Kernel, kernel, lanesOf, MAX_TRIPS, vector } from "../kernel.ts";

/**
 * Newton–Schulz on one matrix, which has as few rows as it can: `[short, long]`, transposed where it lies as
 * `[rows, columns]` with more rows than columns.
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
  const lanes = lanesOf(long);
  const type = vector(lanes);
  return kernel({
    name: `gram_matrix ${short}x${long}`,
    reads: { x: type },
    writes: { gram: "f32" },
    sizes: { invocations: short * short },
    body: `let row = index / ${short} * ${long / lanes};
  let other = index % ${short} * ${long / lanes};
  var sum = ${type}(0.0);
  for (var at = 0; at < ${long / lanes}; at++) { sum = fma(x[row + at], x[other + at], sum); }
  gram[index] = ${lanes === 1 ? "sum" : `dot(sum, ${type}(1.0))`};`,
  });
}

/** `(gram) → polynomial`: b · gram + c · gram². */
export function gramPolynomial(matrix: Matrix): Kernel {
  const { short } = sides(matrix);
  const [, b, c] = NEWTON_SCHULZ;
  return combination(`gram_polynomial ${short}`, { rows: short, inner: short, columns: short }, {
    names: ["gram", "gram", "polynomial"],
    factors: [b, c],
  });
}

/** `(polynomial, x) → next [short, long]`: a · x + polynomial · x. */
export function polynomialStep(matrix: Matrix): Kernel {
  const { short, long } = sides(matrix);
  const [a] = NEWTON_SCHULZ;
  return combination(`polynomial_step ${short}x${long}`, { rows: short, inner: short, columns: long }, {
    names: ["polynomial", "x", "next"],
    factors: [a, 1],
  });
}

/** `(left [rows, inner], right [inner, columns]) → into`: first · right + second · left · right, as many columns a thread as
 * a vector has. */
function combination(
  name: string,
  { rows, inner, columns }: { readonly rows: number; readonly inner: number; readonly columns: number },
  { names: [left, right, into], factors: [first, second] }: {
    readonly names: readonly [left: string, right: string, into: string];
    readonly factors: readonly [number, number];
  },
): Kernel {
  const lanes = lanesOf(columns);
  const type = vector(lanes);
  const wide = columns / lanes;
  const one = left === right;
  // A buffer that is both is read value by value from its vectors.
  const factor = one && lanes > 1
    ? `${left}[(row + at) / ${lanes}][(row + at) % ${lanes}]`
    : `${left}[row + at]`;
  return kernel({
    name,
    reads: { ...(one ? {} : { [left]: "f32" }), [right]: type },
    writes: { [into]: type },
    sizes: { invocations: rows * wide },
    body: `let row = index / ${wide} * ${inner};
  let column = index % ${wide};
  var sum = ${type}(0.0);
  for (var at = 0; at < ${inner}; at++) { sum = fma(${type}(${factor}), ${right}[at * ${wide} + column], sum); }
  ${into}[index] = ${float(first)} * ${right}[index] + ${float(second)} * sum;`,
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
