import { conditionsOf } from "#schedules/robbins_monro.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { CONTEXT } from "./power.ts";

/** Partial sums of a schedule that is continued for ever, at the powers of two. */
export interface Sums {
  /** 1, 2, 4, … steps. */
  readonly steps: readonly number[];
  /** Of that many first rates. */
  readonly total: readonly number[];
  /** Of the rates since the power of two before: what the doubling added. */
  readonly added: readonly number[];
  /** Growth by the last doubling over growth by the one before; 0 where both added nothing. */
  readonly growth: number;
  /** True where doublings do not shrink. */
  readonly diverges: boolean;
}

/** A schedule against Robbins and Monro's two conditions: Σ η = ∞ and Σ η² < ∞. */
export interface Conditions {
  readonly name: string;
  readonly rates: Sums;
  readonly squares: Sums;
  /** The answer of `schedule --check`; `null` where it has none. */
  readonly checker: { readonly sumDiverges: boolean; readonly squaresConverge: boolean } | null;
}

/** Doublings that shrink by less are taken as level, which is where a sum still diverges, as Σ 1/t does. */
const LEVEL = 0.99;

/**
 * Sums of rates and squared rates, and whether they diverge. By Cauchy's condensation a falling series converges
 * together with the sums of its blocks [n, 2n): if these shrink by a factor below 1 they converge, if they do not shrink
 * they diverge. Numbers alone cannot distinguish Σ 1/t from a series as slow as Σ 1/(t·ln² t), which converges.
 *
 * @param run what durations of the spec refer to; a schedule continues beyond its end, to 2^`doublings` steps
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
  const steps: number[] = [];
  const added: number[] = [];
  const total: number[] = [];
  for (let step = 0, end = 1; end <= 2 ** doublings; end *= 2) {
    let block = 0;
    for (; step < end; step++) block += term(step);
    steps.push(end);
    added.push(block);
    total.push((total.at(-1) ?? 0) + block);
  }
  const [before, last] = [added.at(-2)!, added.at(-1)!];
  const growth = before === 0 ? 0 : last / before;
  return { steps, total, added, growth, diverges: growth >= LEVEL };
}
