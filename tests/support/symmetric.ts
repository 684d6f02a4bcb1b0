/** Eigenvalues of a symmetric matrix, the largest first, by Jacobi's rotations. */
export function eigenvalues(matrix: readonly Float64Array[]): number[] {
  const a = matrix.map((row) => row.slice());
  const size = a.length;
  for (let sweep = 0; sweep < 60; sweep++) {
    let [beside, all] = [0, 0];
    for (let p = 0; p < size; p++) {
      for (let q = 0; q < size; q++) {
        all += a[p]![q]! ** 2;
        if (p !== q) beside += a[p]![q]! ** 2;
      }
    }
    if (beside <= 1e-26 * all) break;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) rotate(a, p, q);
    }
  }
  return a.map((row, at) => row[at]!).sort((x, y) => y - x);
}

/** The rotation in the plane of p and q that makes their common element 0. */
function rotate(a: readonly Float64Array[], p: number, q: number): void {
  if (a[p]![q] === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (const row of a) {
    [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
  }
  const [first, second] = [a[p]!, a[q]!];
  for (let at = 0; at < first.length; at++) {
    [first[at], second[at]] = [c * first[at]! - s * second[at]!, s * first[at]! + c * second[at]!];
  }
}
