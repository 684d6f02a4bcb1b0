/**
 * The shortest decimal that rounds to the same 32-bit float, so that a rate read back from a device prints as
 * `0.05`, not `0.05000000074505806`. NaN, infinities and both zeros pass through.
 */
export function shortestFloat32(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const target = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(target.toPrecision(digits));
    if (Math.fround(candidate) === target) return candidate;
  }
  return Number(target.toPrecision(9));
}
