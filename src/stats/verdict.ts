import { plain, significant } from "#lib/numbers.ts";
import type { PairedDifference } from "./paired.ts";
import { planSeeds } from "./planning.ts";
import { MAX_SEEDS } from "./power.ts";

/** The difference that a hypothesis, written before the runs, expects. */
export type Expectation =
  | { readonly kind: "higher" | "lower"; /** By more than this; 0 if not given. */ readonly by?: number }
  | { readonly kind: "within"; /** Between −margin and +margin. */ readonly margin: number };

export interface VerdictOptions {
  /** Unit of the effect in the verdict, and the factor from raw differences to it: 100 for points of accuracy. */
  readonly unit: string;
  readonly scale?: number;
  /** A difference up to this, either way, does not matter, in the raw difference's unit; none if not given. */
  readonly margin?: number;
  /** Name of the things compared, in messages; `arms` if not given. */
  readonly sides?: string;
}

interface Measured {
  readonly effect: number;
  readonly interval: readonly [number, number];
}

/** The same shape as the lab's own: `supported`, `contradicted`, `equivalent` or `inconclusive`. */
export type TestVerdict =
  | Measured & {
    readonly kind: "supported" | "contradicted";
    readonly runs: number;
    readonly margin?: number;
  }
  | Measured & { readonly kind: "equivalent"; readonly runs: number; readonly margin: number }
  | Partial<Measured> & { readonly kind: "inconclusive"; readonly missing: string; readonly margin?: number };

/**
 * The verdict of a measured difference on a hypothesis:
 *
 * - supported where the whole interval lies where it was expected,
 * - contradicted where none of it does,
 * - equivalent where neither holds and all of it lies within ± the margin: there is no difference that matters,
 * - else inconclusive, with what it would take to know.
 *
 * `runs` counts both arms. `by` and margins are in the raw difference's unit, before `scale`; the verdict's figures after.
 *
 * @example Three paired seeds bear out that the first arm is higher
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairedDifference } from "#stats/paired.ts";
 * import { verdictOf } from "#stats/verdict.ts";
 *
 * const measured = pairedDifference(
 *   new Map([[1, 0.71], [2, 0.69], [3, 0.72]]),
 *   new Map([[1, 0.66], [2, 0.65], [3, 0.68]]),
 * );
 * const points = { unit: "points", scale: 100 };
 * assert.equal(verdictOf(measured, { kind: "higher" }, points).kind, "supported");
 * assert.equal(verdictOf(measured, { kind: "lower" }, points).kind, "contradicted");
 * assert.equal(verdictOf(measured, { kind: "higher", by: 0.05 }, points).kind, "inconclusive");
 * ```
 */
export function verdictOf(
  measured: PairedDifference,
  expected: Expectation,
  { unit, scale = 1, margin, sides = "arms" }: VerdictOptions,
): TestVerdict {
  const { difference, interval, seeds, dropped, spread } = measured;
  const named = margin === undefined ? {} : { margin: scale * margin };
  if (difference === null || interval === null || spread === null) {
    const lost = dropped.length === 0 ? "" : `; without a value in both ${sides}: seed ${dropped.join(", ")}`;
    return {
      kind: "inconclusive",
      missing: seeds < 2
        ? `at least 2 seeds in both ${sides} (there are ${seeds})${lost}`
        : `more seeds in both ${sides}: the ${seeds} that there are rule nothing out${lost}`,
      ...named,
    };
  }
  const [low, high] = interval;
  const figures = { effect: scale * difference, interval: [scale * low, scale * high] as const };
  const kind = decided(interval, expected, margin);
  if (kind !== null) {
    const shared = { ...figures, runs: 2 * seeds };
    return kind === "equivalent"
      ? { kind, ...shared, margin: scale * margin! }
      : { kind, ...shared, ...named };
  }
  const shown = inUnit(`[${significant(scale * low, 2)}, ${significant(scale * high, 2)}]`, unit);
  return {
    kind: "inconclusive",
    missing: `${seeds} seeds leave ${shown}: ${open(interval, expected, { unit, scale })}; ${
      more(measured, expected, { unit, scale, ...(margin !== undefined && { margin }) })
    }`,
    ...figures,
    ...named,
  };
}

/**
 * The verdict of an interval on an expectation; `null` where it leaves that open.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decided } from "#stats/verdict.ts";
 *
 * assert.equal(decided([0.1, 0.4], { kind: "higher" }), "supported");
 * assert.equal(decided([-0.2, 0.4], { kind: "higher" }, 0.5), "equivalent");
 * assert.equal(decided([-0.2, 0.4], { kind: "higher" }), null);
 * ```
 */
export function decided(
  [low, high]: readonly [number, number],
  expected: Expectation,
  margin = 0,
): "supported" | "contradicted" | "equivalent" | null {
  const [from, to] = expectedRange(expected);
  if (low > from && high < to) return "supported";
  if (high <= from || low >= to) return "contradicted";
  return low > -margin && high < margin ? "equivalent" : null;
}

/**
 * The differences that an expectation allows, both ends left out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { expectedRange } from "#stats/verdict.ts";
 *
 * assert.deepEqual(expectedRange({ kind: "within", margin: 0.01 }), [-0.01, 0.01]);
 * assert.deepEqual(expectedRange({ kind: "higher" }), [0, Infinity]);
 * ```
 */
export function expectedRange(expected: Expectation): readonly [number, number] {
  switch (expected.kind) {
    case "higher":
      return [expected.by ?? 0, Infinity];
    case "lower":
      return [-Infinity, -(expected.by ?? 0)];
    case "within":
      return [-expected.margin, expected.margin];
  }
}

/** The question that an undecided interval leaves open: the sign, or whether the difference is as large as expected. */
function open(
  [low, high]: readonly [number, number],
  expected: Expectation,
  { unit, scale = 1 }: VerdictOptions,
): string {
  const size = expected.kind === "within" ? expected.margin : expected.by ?? 0;
  const far = inUnit(significant(scale * size, 2), unit);
  const side = low > 0 ? "higher" : high < 0 ? "lower" : null;
  if (side !== null) return `${side}, but whether by more than ${far} is open`;
  return expected.kind === "within"
    ? `a difference of more than ${far} is not ruled out`
    : "neither sign is ruled out";
}

/**
 * Seeds with which 8 of 10 experiments would show a difference of a size that does not depend on the one found here: the
 * expected size, else the margin. Where there are as many already, the true difference is smaller, or close to that size.
 */
function more(
  { interval, spread, seeds, family }: PairedDifference,
  expected: Expectation,
  { unit, scale = 1, margin }: VerdictOptions,
): string {
  const halfWidth = (interval![1] - interval![0]) / 2;
  const asked = expected.kind === "within" ? expected.margin : expected.by ?? 0;
  const size = asked || margin || Number((halfWidth / 2).toPrecision(1));
  const [plan] = planSeeds([size], spread!, seeds, { family });
  const range = plan!.range[0] >= MAX_SEEDS
    ? ""
    : ` (${counted(plan!.range[0])} to ${counted(plan!.range[1])})`;
  const shown = inUnit(significant(scale * size, 2), unit);
  if (plan!.seeds <= seeds) {
    return asked > 0
      ? `more seeds decide it, unless the true difference is close to ${shown}`
      : `a difference of ${shown} would likely have shown; a smaller one takes more seeds`;
  }
  return `a difference of ${shown} would show with ${counted(plan!.seeds, "about ")} seeds${range}`;
}

function counted(seeds: number, prefix = ""): string {
  return seeds >= MAX_SEEDS ? `over ${plain(MAX_SEEDS)}` : prefix + plain(seeds);
}

/** `2 points`, `1 point`, and a figure alone where its metric has no unit, as perplexity. */
function inUnit(size: string, unit: string): string {
  return `${size} ${size === "1" ? unit.replace(/s$/, "") : unit}`.trimEnd();
}
