import type { Decision, JudgedComparison } from "#results/judgement.ts";
import type { PairedDifference } from "#stats/paired.ts";
import { planSeeds } from "#stats/planning.ts";
import { judge } from "../judgement.ts";
import { compareGroups } from "./compare.ts";
import type { Better } from "./metric_kind.ts";
import type { RunOutcome } from "./outcomes.ts";
import { byKey, pairingOf } from "./pairs.ts";

/** Rules that all comparisons of one judgement share. */
export interface Rules {
  readonly better: Better;
  readonly unit: string;
  readonly scale: number;
  readonly margin: number | null;
  /** The key of pairs in words: `seed`, `none`, the name of a setting. */
  readonly what: string;
  readonly resolution: number;
  readonly largest: number;
  readonly family: number;
  readonly confidence: number;
}

/** A group against another one: difference, failures, verdict, and what more seeds would show. */
export function compared(
  { name, against }: { readonly name: string; readonly against: string },
  own: readonly RunOutcome[],
  other: readonly RunOutcome[],
  rules: Rules,
): JudgedComparison {
  const { better, unit, scale, margin } = rules;
  const pairing = pairingOf(own, other, rules.what);
  const { measured, failures } = compareGroups(own, other, pairing, rules);
  const isSame = measured.interval?.every((end) => end === 0) === true && failures.arm === failures.against;
  const verdict = isSame
    ? sameValues(measured.seeds, scale * (margin ?? 0))
    : judge({ measured, failures }, { kind: better }, {
      unit: unit || "in it",
      scale,
      better,
      failing: "fails",
      sides: "groups",
      ...(margin !== null && { margin }),
    });
  return {
    group: name,
    against,
    pairing: pairing.kind,
    ...(pairing.kind === "unpaired" && { why_unpaired: pairing.why }),
    difference: measured.difference,
    interval: measured.interval,
    interval_uncorrected: measured.uncorrected,
    seeds: measured.seeds,
    spread: measured.spread,
    differences: pairing.kind === "paired" ? differencesOf(own, other, pairing.keys) : [],
    failures: {
      failed: failures.arm,
      runs: failures.seeds,
      against_failed: failures.against,
      against_runs: failures.againstSeeds ?? failures.seeds,
      difference: failures.difference,
      interval: failures.interval,
      verdict: failures.verdict,
    },
    decision: DECISIONS[verdict.kind],
    verdict,
    plan: planOf(measured, rules),
  };
}

/** Equal values, run by run, are copies or runs that a setting did not change: there is nothing to measure. */
function sameValues(seeds: number, margin: number): JudgedComparison["verdict"] {
  return { kind: "equivalent", effect: 0, interval: [0, 0], runs: 2 * seeds, margin };
}

const DECISIONS = {
  supported: "for",
  contradicted: "against",
  equivalent: "no difference that matters",
  inconclusive: "open",
} as const satisfies Record<string, Decision>;

function differencesOf(
  own: readonly RunOutcome[],
  other: readonly RunOutcome[],
  keys: readonly string[],
): JudgedComparison["differences"] {
  const [values, others] = [byKey(own), byKey(other)];
  return keys.flatMap((key) => {
    const [one, two] = [values.get(key) ?? null, others.get(key) ?? null];
    return one === null || two === null ? [] : [{ seed: key, value: one - two }];
  });
}

/** For the margin; without one for half of the interval's half-width, rounded: a size that is not the measured one. */
function planOf(
  { interval, spread, seeds }: PairedDifference,
  { margin, family }: Rules,
): JudgedComparison["plan"] {
  if (interval === null || spread === null) return null;
  const difference = margin || Number(((interval[1] - interval[0]) / 4).toPrecision(1));
  if (!(difference > 0)) return null;
  const [plan] = planSeeds([difference], spread, seeds, { family });
  return {
    difference,
    seeds: plan!.seeds,
    range: [plan!.range[0], plan!.range[1]],
    more: Math.max(0, plan!.seeds - seeds),
  };
}
