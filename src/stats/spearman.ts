import { normalQuantile, studentCdf } from "./distributions.ts";

/** Agreement of two orders of the same things. */
export interface RankCorrelation {
  /** Spearman's ρ, −1 … 1, with mid-ranks for ties. */
  readonly rho: number;
  /** 95 %, by Fisher's z; `null` below five things, and where ρ is −1 or 1: z is infinite there. */
  readonly interval: readonly [number, number] | null;
  /** Probability of a ρ as far from 0 or farther if the orders had nothing to do with each other, two-sided. */
  readonly p: number;
  readonly n: number;
}

/** Most things whose every order is tried: 8! = 40,320. */
const MOST_EXACT = 8;

/**
 * Spearman's rank correlation. Up to eight things its p is exact, over all orders of one list; beyond, by Student's t with
 * n − 2 degrees of freedom. The interval is Fisher's z with the variance (1 + ρ²/2)/(n − 3) (Bonett and Wright, 2000).
 *
 * @returns `null` below three things, or where either list is the same throughout.
 * @throws {RangeError} for lists of different lengths.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { spearman } from "#stats/spearman.ts";
 *
 * const { rho, p, interval } = spearman([1, 2, 3, 4], [10, 20, 40, 30])!;
 * assert.equal(rho.toFixed(3), "0.800");
 * // Four of 24 orders reach 0.8, four −0.8.
 * assert.equal(p.toFixed(3), "0.333");
 * assert.equal(interval, null);
 * ```
 */
export function spearman(x: readonly number[], y: readonly number[]): RankCorrelation | null {
  if (x.length !== y.length) {
    throw new RangeError(`Cannot correlate ${x.length} values with ${y.length}`);
  }
  const [a, b] = [ranks(x), ranks(y)];
  const n = x.length;
  if (n < 3 || isFlat(a) || isFlat(b)) return null;
  const rho = correlation(a, b);
  const p = n <= MOST_EXACT ? exactP(a, b, Math.abs(rho)) : studentP(rho, n);
  return { rho, interval: fisherInterval(rho, n), p, n };
}

/** Ranks from 1, the lowest first; equal values share the mean of their ranks. */
export function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const same = values.filter((other) => other === value).length;
    return below + (same + 1) / 2;
  });
}

const isFlat = (values: readonly number[]) => values.every((value) => value === values[0]);

function correlation(a: readonly number[], b: readonly number[]): number {
  const middle = (a.length + 1) / 2;
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, index) => sum + (value - middle) * (y[index]! - middle), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/** The share of orders of `b` whose |ρ| is as large. */
function exactP(a: readonly number[], b: readonly number[], size: number): number {
  let [reached, all] = [0, 0];
  const order = [...b];
  const visit = (from: number) => {
    if (from === order.length) {
      all++;
      if (Math.abs(correlation(a, order)) >= size - 1e-9) reached++;
      return;
    }
    for (let index = from; index < order.length; index++) {
      [order[from], order[index]] = [order[index]!, order[from]!];
      visit(from + 1);
      [order[from], order[index]] = [order[index]!, order[from]!];
    }
  };
  visit(0);
  return reached / all;
}

function studentP(rho: number, n: number): number {
  const t = Math.abs(rho) * Math.sqrt((n - 2) / Math.max(1 - rho * rho, Number.EPSILON));
  return 2 * (1 - studentCdf(t, n - 2));
}

function fisherInterval(rho: number, n: number): [number, number] | null {
  if (n < 5 || Math.abs(rho) > 1 - 1e-9) return null;
  const half = normalQuantile(0.975) * Math.sqrt((1 + rho * rho / 2) / (n - 3));
  const z = Math.atanh(rho);
  return [Math.tanh(z - half), Math.tanh(z + half)];
}
