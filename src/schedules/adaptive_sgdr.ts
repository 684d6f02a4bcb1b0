import { cosineBetween } from "./curves.ts";
import { cyclePosition, findCycle, geometricStarts } from "./cycles.ts";
import { entry } from "./entry.ts";
import type { Given } from "./param_types.ts";
import { choice, duration, number, rate, rateOrZero } from "./params.ts";
import type { BuiltSchedule, CyclePosition, FeedbackSchedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("rate at the start of each cycle"),
  eta_min: rateOrZero("rate at which each cycle ends", 0),
  T_0: duration("length of the first cycle"),
  T_mult: number("each cycle is this many times as long as the one before, extensions included", "factor", {
    min: 1,
  }, 1),
  patience: number("evaluations without improvement before an extension", "evaluations", {
    min: 1,
    whole: true,
  }, 2),
  extension_factor: number("factor by which an extension lengthens the cycle", "factor", { above: 1 }, 1.5),
  metric: choice("the watched metric; an accuracy improves upwards", [
    "validation_loss",
    "validation_accuracy",
  ]),
};

/** Plain data for the checkpoint. The descent continues from `progress` (0 … 1) at step `since` to 1 at `end`. */
export interface AdaptiveState {
  readonly cycle: number;
  readonly start: number;
  readonly end: number;
  readonly since: number;
  readonly progress: number;
  readonly best: number | null;
  readonly bad: number;
}

/**
 * SGDR whose cycle is extended while the metric does not improve:
 * η = min + (η₀ − min)·(1 + cos(π·progress))/2, where progress goes from 0 at the cycle's start to 1 at its end.
 *
 * At an evaluation the metric is an improvement if it is strictly better than any before (NaN never is). After
 * `patience` evaluations in the same cycle without one, the cycle's length is multiplied by `extension_factor`
 * (rounded, at least one step more) and the rest of the descent is stretched over the time now left, so that the
 * rate does not jump. An evaluation before step t counts to the cycle of step t. The next cycle is `T_mult` times
 * as long as this one came to be.
 *
 * First value `lr`; restarts for ever. A step before the state's cycle has the rate of that cycle's start.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { adaptiveSgdr } from "#schedules/adaptive_sgdr.ts";
 *
 * const { lr, feedback } = adaptiveSgdr({ lr: 0.1, eta_min: 0, T_0: 20, patience: 1 });
 * assert.equal(lr(20), 0.1); // without evaluations the first cycle has 20 steps
 * let state = feedback!.init();
 * for (const loss of [1, 2]) state = feedback!.observe(state, { step: 10, loss, metric: loss });
 * assert.ok(feedback!.at(state, 20) < 0.1); // one bad evaluation later it has 30
 * assert.equal(feedback!.at(state, 30), 0.1);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, 0 <= `eta_min` <= `lr`, `T_0` >= 1, `T_mult` >= 1, `patience` >= 1 and
 * `extension_factor` > 1.
 * @see Loshchilov and Hutter, 2016, arXiv:1608.03983, for the cycles
 */
export function adaptiveSgdr(given: Given<typeof PARAMS>): BuiltSchedule {
  const v = check("adaptive_sgdr", PARAMS, given);
  if (v.eta_min > v.lr) {
    throw new ParameterError("adaptive_sgdr", "eta_min", `at most lr, which is ${v.lr}`, v.eta_min);
  }
  const sign = v.metric === "validation_loss" ? 1 : -1;
  const init = (): AdaptiveState => freshCycle(0, 0, v.T_0, null);
  const advance = (state: AdaptiveState, step: number) => moveTo(state, step, v.T_mult);
  const feedback: FeedbackSchedule<AdaptiveState> = {
    metric: v.metric,
    init,
    observe: (before, { step, metric }) => {
      const state = advance(before, step);
      const better = Number.isFinite(metric) && (state.best === null || sign * metric < sign * state.best);
      if (better) return { ...state, best: metric, bad: 0 };
      const bad = state.bad + 1;
      if (bad < v.patience) return { ...state, bad };
      const length = state.end - state.start;
      return {
        ...state,
        bad: 0,
        since: Math.max(step, state.start),
        progress: progressAt(state, step),
        end: state.start + Math.max(length + 1, Math.round(length * v.extension_factor)),
      };
    },
    at: (state, step) => cosineBetween(v.lr, v.eta_min, progressAt(advance(state, step), step)),
    cycles: (state, step) => positionIn(advance(state, step), step),
  };
  const initial = init();
  return {
    lr: (t) => feedback.at(initial, t),
    momentum: null,
    cycles: (t) => feedback.cycles!(initial, t),
    feedback: feedback as FeedbackSchedule,
  };
}

function freshCycle(cycle: number, start: number, length: number, best: number | null): AdaptiveState {
  return { cycle, start, end: start + length, since: start, progress: 0, best, bad: 0 };
}

/** The state in the cycle of `step`, which later cycles reach by their nominal lengths. */
function moveTo(state: AdaptiveState, step: number, multiplier: number): AdaptiveState {
  if (step < state.end) return state;
  // The cycle of the state is number 0 of the geometric series, so that the next one is `multiplier` times as long.
  const starts = geometricStarts(state.end - state.start, multiplier);
  const passed = findCycle(starts, step - state.start);
  const length = starts(passed + 1) - starts(passed);
  return freshCycle(state.cycle + passed, state.start + starts(passed), length, state.best);
}

function progressAt({ since, progress, end }: AdaptiveState, step: number): number {
  return progress + (1 - progress) * Math.max(0, step - since) / (end - since);
}

function positionIn({ cycle, start, end }: AdaptiveState, step: number): CyclePosition {
  return cyclePosition(cycle, step - start, end - start);
}

export default entry({
  name: "adaptive_sgdr",
  summary: "SGDR whose cycle grows while the metric does not improve.",
  params: PARAMS,
  formula:
    "min + (η₀ − min)·(1 + cos(π·progress))/2; a cycle grows by extension_factor after `patience` bad evaluations",
  first: "lr",
  last: "restarts for ever",
  source: "Loshchilov and Hutter, 2016, arXiv:1608.03983, with cycles adapted to the validation",
  label: "adaptive sgdr {lr} → {eta_min}, first cycle {T_0}, then × {T_mult}",
  sample: { name: "adaptive_sgdr", lr: 0.1, eta_min: 1e-4, T_0: "2 epochs", T_mult: 2 },
  build: (values) => adaptiveSgdr(values),
  lint: {
    rateKeys: ["lr", "eta_min"],
    cycling: ({ T_mult }) => ({
      lengthKey: "T_0",
      lengthPart: 1,
      growthKey: "T_mult",
      growth: T_mult,
      limit: null,
      purpose: "descents",
    }),
  },
});
