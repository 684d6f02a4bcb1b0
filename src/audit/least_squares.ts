/** The solution of a small square system, by elimination with pivots; `null` where it has none. */
function solve(matrix: number[][], right: number[]): number[] | null {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) {
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    }
    if (!(Math.abs(rows[pivot]![column]!) > 1e-300)) return null;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let i = column + 1; i < n; i++) {
      const factor = rows[i]![column]! / rows[column]![column]!;
      for (let k = column; k <= n; k++) rows[i]![k]! -= factor * rows[column]![k]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let rest = rows[i]![n]!;
    for (let k = i + 1; k < n; k++) rest -= rows[i]![k]! * x[k]!;
    x[i] = rest / rows[i]![i]!;
  }
  return x.every(Number.isFinite) ? x : null;
}

/**
 * Coefficients c that bring Σ c_k·columns[k] nearest to `target`, each row divided by its `scale`; `null` where the columns
 * do not determine them. Columns `[k][row]`.
 */
export function leastSquares(
  columns: readonly (readonly number[])[],
  target: readonly number[],
  scale: readonly number[],
): number[] | null {
  const matrix = columns.map((a) =>
    columns.map((b) => a.reduce((sum, value, i) => sum + value * b[i]! / scale[i]! ** 2, 0))
  );
  const right = columns.map((a) => a.reduce((sum, value, i) => sum + value * target[i]! / scale[i]! ** 2, 0));
  return solve(matrix, right);
}

const square = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);

const ROUNDS = 25;

/**
 * Parameters near `start` with the least sum of squared residuals, by Levenberg and Marquardt's method with numerical
 * derivatives; `residuals` may return `null` where parameters make no sense.
 */
export function levenbergMarquardt(
  residuals: (parameters: readonly number[]) => number[] | null,
  start: readonly number[],
): number[] | null {
  let best = [...start];
  let at = residuals(best);
  if (at === null) return null;
  let damping = 1e-3;
  for (let round = 0; round < ROUNDS && damping < 1e12; round++) {
    const jacobian = best.map((value, k) => {
      const step = 1e-6 * Math.max(1e-3, Math.abs(value));
      const moved = residuals(best.with(k, value + step));
      return moved === null ? null : moved.map((residual, i) => (residual - at![i]!) / step);
    });
    if (jacobian.includes(null)) return best;
    const columns = jacobian as number[][];
    const normal = columns.map((a) =>
      columns.map((b) => a.reduce((sum, value, i) => sum + value * b[i]!, 0))
    );
    const gradient = columns.map((a) => -a.reduce((sum, value, i) => sum + value * at![i]!, 0));
    let isBetter = false;
    while (!isBetter && damping < 1e12) {
      const change = solve(
        normal.map((row, i) => row.map((v, k) => i === k ? v * (1 + damping) : v)),
        gradient,
      );
      const next = change === null ? null : best.map((value, k) => value + change[k]!);
      const there = next === null ? null : residuals(next);
      if (there !== null && square(there) < square(at)) {
        const gain = 1 - square(there) / square(at);
        [best, at, damping, isBetter] = [next!, there, damping / 9, true];
        if (gain < 1e-10) return best;
      } else damping *= 7;
    }
  }
  return best;
}
