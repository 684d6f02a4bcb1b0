import { normalCdf } from "./distributions.ts";

/** Reach and step of the trapezoid rule, in standard deviations: its error is below 1e-12. */
const [REACH, STEP] = [8, 1 / 8];
/** Its points, with φ and Φ there. */
const POINTS = Array.from({ length: 2 * REACH / STEP + 1 }, (_, index) => {
  const z = -REACH + STEP * index;
  return { z, density: Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI), below: normalCdf(z) };
});

/**
 * Distribution function of the range of k independent standard normals (the studentized range with infinitely many
 * degrees of freedom):
 *
 *     P(Q <= q) = k·∫ φ(z)·(Φ(z) − Φ(z − q))^(k − 1) dz
 *
 * @param groups k, 2 or more.
 * @throws {RangeError} for fewer than 2 groups or a number that is not whole.
 *
 * @example Two normals: their difference has a standard deviation of √2
 * ```ts
 * import assert from "node:assert/strict";
 * import { studentizedRangeCdf } from "#stats/studentized_range.ts";
 *
 * assert.equal(studentizedRangeCdf(1.959964 * Math.SQRT2, 2).toFixed(6), "0.950000");
 * ```
 */
export function studentizedRangeCdf(q: number, groups: number): number {
  if (!(Number.isInteger(groups) && groups >= 2)) {
    throw new RangeError(`Cannot take the range of ${groups} groups: it must be a whole number >= 2`);
  }
  if (!(q > 0)) return 0;
  const sum = POINTS.reduce(
    (all, { z, density, below }) => all + density * (below - normalCdf(z - q)) ** (groups - 1),
    0,
  );
  return Math.min(1, groups * STEP * sum);
}

/**
 * The q with P(Q <= q) = p.
 *
 * @throws {RangeError} for a p outside (0, 1), or as {@link studentizedRangeCdf}.
 *
 * @example The 5 % point of three groups, over √2, as Demšar (2006) tabulates it
 * ```ts
 * import assert from "node:assert/strict";
 * import { studentizedRangeQuantile } from "#stats/studentized_range.ts";
 *
 * assert.equal((studentizedRangeQuantile(0.95, 3) / Math.SQRT2).toFixed(4), "2.3437");
 * ```
 */
export function studentizedRangeQuantile(probability: number, groups: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`Cannot take a quantile at ${probability}: it must lie between 0 and 1`);
  }
  let [low, high] = [0, 1];
  while (studentizedRangeCdf(high, groups) < probability) high *= 2;
  for (let i = 0; i < 60 && high - low > 1e-10 * high; i++) {
    const middle = (low + high) / 2;
    if (studentizedRangeCdf(middle, groups) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
