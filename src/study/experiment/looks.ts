import { lookErrors, sharedInterval } from "#stats/looks.ts";
import { pairedShares } from "#stats/paired_shares.ts";
import { type PairedDifference, pairedDifference, verdictWord } from "#stats/paired.ts";

/** The error that all intervals of a family together leave. */
const ERROR = 0.05;

/** Values of an arm by seed: `null` for a run without one, absent for a seed that it was not run with. */
export type BySeed = ReadonlyMap<number, number | null>;

export interface FamilyOptions {
  /** Every seed that there may be, in the order in which looks add them. */
  readonly seeds: readonly number[];
  readonly counts: readonly number[];
  /** Comparisons that are to hold together. */
  readonly family: number;
  /** See `skewed` of `pairedDifference`. False if not given. */
  readonly skewed?: boolean;
}

export interface Bounds {
  readonly resolution?: number;
  readonly counted?: boolean;
  readonly largest?: number;
}

/**
 * The difference of two arms at the last look that either got new seeds for. Intervals of all looks hold together, so the
 * interval is what they share, and a look never takes back what one before it decided.
 */
export function differenceOverLooks(
  arm: BySeed,
  against: BySeed,
  { seeds, counts, family, skewed = false }: FamilyOptions,
  bounds: Bounds = {},
): PairedDifference {
  const at = (look: number) => {
    const pairs = seeds.slice(0, counts[look]).filter((seed) => arm.has(seed) && against.has(seed));
    const [own, other] = [arm, against].map((values) =>
      new Map(pairs.map((seed) => [seed, values.get(seed)!]))
    );
    const error = lookErrors(counts, ERROR)[look]!;
    return pairedDifference(own!, other!, { ...bounds, family, skewed, confidence: 1 - error });
  };
  const looks = grown(counts.map((_, look) => at(look)), ({ seeds, dropped }) => seeds + dropped.length);
  return { ...looks.at(-1)!, ...shared(looks) };
}

/** True for each seed to whose run something happened; absent for a run that has not ended. */
export type Happened = ReadonlyMap<number, boolean>;

/** Counts for an arm and for another over the seeds that both were run with. */
export interface ShareDifference {
  readonly arm: number;
  readonly against: number;
  readonly seeds: number;
  /** Of the shares of seeds, arm minus against; `null` without a pair. */
  readonly difference: number | null;
  readonly interval: readonly [number, number] | null;
  readonly family: number;
  readonly verdict: PairedDifference["verdict"];
}

/** The same for shares of seeds, with exact intervals. */
export function sharesOverLooks(
  arm: Happened,
  against: Happened,
  { seeds, counts, family }: FamilyOptions,
): ShareDifference {
  const at = (look: number): ShareDifference => {
    const pairs = seeds.slice(0, counts[look]).filter((seed) => arm.has(seed) && against.has(seed));
    const count = (of: (seed: number) => boolean | undefined) => pairs.filter(of).length;
    const found = {
      arm: count((seed) => arm.get(seed)),
      against: count((seed) => against.get(seed)),
      seeds: pairs.length,
      family,
    };
    if (pairs.length === 0) return { ...found, difference: null, interval: null, verdict: "not enough runs" };
    const error = lookErrors(counts, ERROR)[look]! / family;
    const { difference, interval } = pairedShares({
      arm: count((seed) => arm.get(seed) && !against.get(seed)),
      against: count((seed) => !arm.get(seed) && against.get(seed)),
      seeds: pairs.length,
    }, 1 - error);
    return { ...found, difference, interval, verdict: verdictWord(interval) };
  };
  const looks = grown(counts.map((_, look) => at(look)), ({ seeds }) => seeds);
  return { ...looks.at(-1)!, ...shared(looks) };
}

/** The looks that saw more than the one before; the first in any case. */
function grown<T>(looks: readonly T[], size: (look: T) => number): T[] {
  return looks.filter((look, index) => index === 0 || size(look) > size(looks[index - 1]!));
}

/**
 * The common part of the intervals of all looks, so that no look takes back what one before it decided. Where that decides
 * nothing and the last look's difference lies outside of it, the last look's own interval is taken, which holds as well.
 */
function shared(
  looks: readonly Pick<PairedDifference, "difference" | "interval" | "verdict">[],
): Pick<PairedDifference, "interval" | "verdict"> {
  const last = looks.at(-1)!;
  if (last.interval === null) return { interval: null, verdict: last.verdict };
  const common = sharedInterval(looks.flatMap((look) => look.interval ? [look.interval] : []));
  const difference = last.difference ?? NaN;
  const isDecided = common !== null && (common[0] > 0 || common[1] < 0);
  const isAround = common !== null && difference >= common[0] && difference <= common[1];
  const interval = isDecided || isAround ? common : last.interval;
  return { interval, verdict: verdictWord(interval) };
}
