import type { PairedDifference } from "./paired.ts";
import { MAX_SEEDS, seedsNeeded } from "./power.ts";

/** What a hypothesis, written before the runs, expects of a difference. */
export type Expectation =
  | { readonly kind: "higher" | "lower"; /** By more than this; 0 if not given. */ readonly by?: number }
  | { readonly kind: "within"; /** Between −margin and +margin. */ readonly margin: number };

export interface VerdictOptions {
  /** Unit of the effect in the verdict, and what a raw difference is multiplied by: 100 for points of accuracy. */
  readonly unit: string;
  readonly scale?: number;
}

/** The same shape as the lab's own: `supported`, `contradicted` or `inconclusive`. */
export type TestVerdict =
  | {
    readonly kind: "supported" | "contradicted";
    readonly effect: number;
    readonly interval: readonly [number, number];
    readonly runs: number;
  }
  | { readonly kind: "inconclusive"; readonly missing: string };

/**
 * Whether a measured difference bears a hypothesis out: supported where the whole interval lies where it was expected,
 * contradicted where none of it does, else inconclusive with what it would take to know. `runs` counts both arms.
 * `by` and `margin` are in the raw difference's unit, before `scale`.
 */
export function verdictOf(
  measured: PairedDifference,
  expected: Expectation,
  { unit, scale = 1 }: VerdictOptions,
): TestVerdict {
  const { difference, interval, seeds, dropped, spread } = measured;
  if (difference === null || interval === null || spread === null) {
    const lost = dropped.length === 0 ? "" : `; without a value in both arms: seed ${dropped.join(", ")}`;
    return { kind: "inconclusive", missing: `at least 2 seeds in both arms (there are ${seeds})${lost}` };
  }
  const [low, high] = interval;
  const [from, to] = expectedRange(expected);
  const kind = low > from && high < to ? "supported" : high < from || low > to ? "contradicted" : null;
  if (kind !== null) {
    return { kind, effect: scale * difference, interval: [scale * low, scale * high], runs: 2 * seeds };
  }
  const shown = `[${short(scale * low)}, ${short(scale * high)}] ${unit}`;
  return { kind: "inconclusive", missing: `${seeds} seeds leave ${shown}; ${more(measured, expected)}` };
}

function expectedRange(expected: Expectation): readonly [number, number] {
  switch (expected.kind) {
    case "higher":
      return [expected.by ?? 0, Infinity];
    case "lower":
      return [-Infinity, -(expected.by ?? 0)];
    case "within":
      return [-expected.margin, expected.margin];
  }
}

/** How many seeds would tell the measured difference from the nearest bound of what was expected. */
function more({ difference, spread, seeds }: PairedDifference, expected: Expectation): string {
  const distances = expectedRange(expected).filter(Number.isFinite).map((bound) =>
    Math.abs(difference! - bound)
  );
  const distance = Math.min(...distances);
  const needed = seedsNeeded(distance, spread!);
  if (needed >= MAX_SEEDS) return "the difference is too small to tell with any practical number of seeds";
  const against = expected.kind !== "within" && (expected.by ?? 0) === 0 ? "zero" : "the bound";
  return `about ${Math.max(needed, seeds + 1)} would tell a difference of this size from ${against}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(2))).replace("-", "−");
}
