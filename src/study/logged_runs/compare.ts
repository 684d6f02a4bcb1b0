import { independentShares, MOST_INDEPENDENT, type Share } from "#stats/independent_shares.ts";
import { MOST_PAIRS, pairedShares } from "#stats/paired_shares.ts";
import { type PairedDifference, pairedDifference, verdictWord } from "#stats/paired.ts";
import { familyConfidence } from "#stats/family.ts";
import { shareDifference } from "#stats/proportions.ts";
import { unpairedDifference } from "#stats/unpaired.ts";
import type { Compared, Failures } from "../judgement.ts";
import type { RunOutcome } from "./outcomes.ts";
import { byKey, type Pairing, unpairedValues } from "./pairs.ts";

export interface CompareOptions {
  readonly resolution: number;
  readonly largest: number;
  readonly family: number;
  readonly confidence: number;
}

/** Two groups in their figures and their failures, group minus against. */
export function compareGroups(
  group: readonly RunOutcome[],
  against: readonly RunOutcome[],
  pairing: Pairing,
  options: CompareOptions,
): Compared {
  return pairing.kind === "paired"
    ? inPairs(byKey(group), byKey(against), pairing.keys, options)
    : unpaired(unpairedValues(group), unpairedValues(against), options);
}

function inPairs(
  own: ReadonlyMap<string, number | null>,
  other: ReadonlyMap<string, number | null>,
  keys: readonly string[],
  options: CompareOptions,
): Compared {
  const valuesOf = (of: ReadonlyMap<string, number | null>) =>
    new Map(numbered(keys).map(({ key, seed }) => [seed, of.get(key) ?? null]));
  const failed = (of: ReadonlyMap<string, number | null>) => keys.filter((key) => of.get(key) === null);
  const [ownFailed, otherFailed] = [new Set(failed(own)), new Set(failed(other))];
  return {
    measured: pairedDifference(valuesOf(own), valuesOf(other), { ...options, allowsSkewness: true }),
    failures: failuresOf(
      { hits: ownFailed.size, count: keys.length },
      { hits: otherFailed.size, count: keys.length },
      ownFailed.difference(otherFailed).size,
      options,
    ),
  };
}

/** Keys as numbers, where they are different ones; else they are counted. */
function numbered(keys: readonly string[]): { key: string; seed: number }[] {
  const numbers = keys.map((key) => key.trim() === "" ? NaN : Number(key));
  // `1` and `01` are two keys of one number.
  const areNumbers = numbers.every(Number.isSafeInteger) && new Set(numbers).size === keys.length;
  return keys.map((key, index) => ({ key, seed: areNumbers ? Number(key) : index + 1 }));
}

function unpaired(
  own: readonly (number | null)[],
  other: readonly (number | null)[],
  options: CompareOptions,
): Compared {
  const finite = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const [values, others] = [finite(own), finite(other)];
  const difference = unpairedDifference(values, others, { ...options, allowsSkewness: true });
  const seeds = Math.min(values.length, others.length);
  const measured: PairedDifference = { ...difference, seeds, dropped: [] };
  return {
    measured,
    failures: failuresOf(
      { hits: own.length - values.length, count: own.length },
      { hits: other.length - others.length, count: other.length },
      null,
      options,
    ),
  };
}

/** Runs that failed, of all that count. @param alone pairs in which the group alone failed; `null` for runs that are not paired. */
function failuresOf(
  own: Share,
  other: Share,
  alone: number | null,
  { family, confidence }: CompareOptions,
): Failures {
  const shared = {
    arm: own.hits,
    against: other.hits,
    seeds: own.count,
    againstSeeds: other.count,
    family,
  };
  if (own.count === 0 || other.count === 0) {
    return { ...shared, difference: null, interval: null, verdict: "not enough runs" };
  }
  const level = familyConfidence(family, confidence);
  const { difference, interval } = alone !== null && own.count <= MOST_PAIRS
    ? pairedShares({ arm: alone, against: other.hits - (own.hits - alone), seeds: own.count }, level)
    : unpairedShares(own, other, level);
  return { ...shared, difference, interval, verdict: verdictWord(interval) };
}

const unpairedShares = (own: Share, other: Share, level: number) =>
  Math.max(own.count, other.count) <= MOST_INDEPENDENT
    ? independentShares(own, other, level)
    : shareDifference([own.hits, own.count], [other.hits, other.count], level);
