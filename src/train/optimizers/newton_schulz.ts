import { norm } from "#lib/norm.ts";

/** Coefficients of the quintic iteration that Muon takes (Jordan, 2024): steep at 0, about 1 within 0.3. */
export const NEWTON_SCHULZ = [3.4445, -4.775, 2.0315] as const;
export const NEWTON_SCHULZ_STEPS = 5;
/** Added to the matrix's norm before dividing by it. */
export const NEWTON_SCHULZ_EPSILON = 1e-7;

/**
 * The matrix with its singular values brought near 1, by five steps of Newton–Schulz:
 *
 *     X ← M / (‖M‖ + 1e-7);  five times: A = X Xᵀ;  X ← a X + (b A + c A²) X
 *
 * @param matrix `[rows, columns]`, row-major. The transposed matrix gives the transposed result.
 */
export function orthogonalised(matrix: Float64Array, rows: number, columns: number): Float64Array {
  if (rows > columns) {
    return transposed(orthogonalised(transposed(matrix, rows, columns), columns, rows), columns, rows);
  }
  const [a, b, c] = NEWTON_SCHULZ;
  const size = norm(matrix) + NEWTON_SCHULZ_EPSILON;
  let x = matrix.map((value) => value / size);
  for (let step = 0; step < NEWTON_SCHULZ_STEPS; step++) {
    const gram = product(x, transposed(x, rows, columns), [rows, columns, rows]);
    const square = product(gram, gram, [rows, rows, rows]);
    const polynomial = gram.map((value, index) => b * value + c * square[index]!);
    const change = product(polynomial, x, [rows, rows, columns]);
    x = x.map((value, index) => a * value + change[index]!);
  }
  return x;
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(
    matrix,
    (_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)]!,
  );
}

/** `[rows, inner] · [inner, columns]` */
function product(
  left: Float64Array,
  right: Float64Array,
  [rows, inner, columns]: readonly [number, number, number],
): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < inner; at++) {
      const factor = left[row * inner + at]!;
      for (let column = 0; column < columns; column++) {
        result[row * columns + column]! += factor * right[at * columns + column]!;
      }
    }
  }
  return result;
}
