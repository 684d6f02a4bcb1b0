import { conditionsOf } from "#schedules/lint/robbins_monro.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { CONTEXT } from "./power.ts";

/** Partial sums of a schedule that is continued for ever, at the powers of two. */
export interface Sums {
  /** 1, 2, 4, … updates. */
  readonly updates: readonly number[];
  /** Of that many first rates. */
  readonly total: readonly number[];
  /** What the last doubling added over what the one before it added; 0 where both added nothing. */
  readonly growth: number;
  /** Whether doublings do not shrink. */
  readonly diverges: boolean;
}

/** A schedule against Robbins and Monro's two conditions: Σ η = ∞ and Σ η² < ∞. */
export interface Conditions {
  readonly name: string;
  readonly rates: Sums;
  readonly squares: Sums;
  /** What `schedule --check` says of it; `null` where it has no answer. */
  readonly checker: { readonly sumDiverges: boolean; readonly squaresConverge: boolean } | null;
}

/** Doublings that shrink by less are taken as level, which is where a sum still diverges, as Σ 1/t does. */
const LEVEL = 0.99;

/**
 * Sums of rates and squared rates, and whether they diverge. By Cauchy's condensation a falling series converges
 * together with the sums of its blocks [n, 2n): if these shrink by a factor below 1 they converge, if they do not shrink
 * they diverge. Numbers alone cannot tell Σ 1/t from a series as slow as Σ 1/(t·ln² t), which converges.
 *
 * @param run what durations of the spec refer to; a schedule goes on beyond its end, to 2^`doublings` updates
 */
export function measureConditions(
  { name, schedule }: { readonly name: string; readonly schedule: ScheduleSpec },
  run: { readonly totalSteps: number; readonly stepsPerEpoch: number },
  doublings: number,
): Conditions {
  const { lr } = buildSchedule(schedule, run, CONTEXT);
  const known = conditionsOf(schedule);
  return {
    name,
    rates: partialSums(lr, doublings),
    squares: partialSums((step) => lr(step) ** 2, doublings),
    checker: known && { sumDiverges: known.sumDiverges, squaresConverge: known.squaresConverge },
  };
}

function partialSums(term: (step: number) => number, doublings: number): Sums {
  const updates: number[] = [];
  const total: number[] = [];
  let sum = 0;
  for (let step = 0, next = 1; next <= 2 ** doublings; next *= 2) {
    for (; step < next; step++) sum += term(step);
    updates.push(next);
    total.push(sum);
  }
  const added = (back: number) => total.at(-back)! - total.at(-back - 1)!;
  const growth = added(2) === 0 ? 0 : added(1) / added(2);
  return { updates, total, growth, diverges: growth >= LEVEL };
}
