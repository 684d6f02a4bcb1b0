import type { Given, Values } from "../param_types.ts";
import { boolean, choice, number, rate, rateOrZero } from "../params.ts";
import type { BuiltSchedule, FeedbackSchedule } from "../schedule.ts";
import { check, ParameterError } from "../values.ts";

const COUNT = { min: 0, whole: true };
export const PARAMS = {
  lr: rate("rate until the first change"),
  metric: choice("the metric watched at each evaluation", ["validation_loss", "validation_accuracy"]),
  mode: choice("whether a smaller or a larger metric is better", ["min", "max"]),
  factor: number("factor of a reduction; a rise divides by it", "factor", { above: 0, below: 1 }, 0.95),
  patience: number("evaluations of one kind in a row that change nothing", "evaluations", COUNT, 10),
  threshold: number("smallest change that counts as an improvement", "fraction or metric", { min: 0 }, 1e-6),
  threshold_mode: choice("whether the threshold is a difference or a fraction of the best value", [
    "abs",
    "rel",
  ]),
  cooldown: number("evaluations after a reduction that are not counted", "evaluations", COUNT, 0),
  warmup: number("evaluations after a rise that are not counted", "evaluations", COUNT, 0),
  min_lr: rateOrZero("lower bound on the rate", 1e-3),
  max_lr: rate("upper bound on the rate", 1),
  eps: rateOrZero("a change by no more than this is skipped", 1e-8),
  reset_start: number("reductions asked for at min_lr after which all starts anew", "reductions", {
    min: 1,
    whole: true,
  }, 500),
  smooth: boolean("whether the mean of the last values is watched in place of each value", false),
  window_size: number("values in that mean", "evaluations", { min: 1, max: 1000, whole: true }, 50),
};

/** The state of a greedy schedule: plain data for the checkpoint. `best` is `null` before the first usable value. */
export interface GreedyState {
  readonly lr: number;
  readonly best: number | null;
  readonly bad: number;
  readonly good: number;
  readonly cooldown: number;
  readonly warmup: number;
  /** Reductions at the lower bound that are left before the reset. */
  readonly untilReset: number;
  /** With `smooth`, the last values, the newest at the end. */
  readonly window: readonly number[];
}

/**
 * Raises the rate while a metric improves and reduces it while it does not, as transformers' GreedyLR.
 *
 * More than `patience` improvements in a row divide the rate by `factor`, up to `max_lr`, and the next `warmup`
 * evaluations are not counted; more than `patience` evaluations without one multiply it, down to `min_lr`, and the next
 * `cooldown` are not counted. An improvement beats the best value so far by more than the threshold; NaN never does.
 * After `reset_start` reductions asked for at `min_lr` the rate is `lr` again and the best value forgotten.
 *
 * With `smooth` the value of an evaluation is the mean of the last `window_size` ones, those that are not counted too.
 *
 * First value `lr`; without evaluations it stays there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { greedy } from "#schedules/greedy/formula.ts";
 *
 * const { feedback } = greedy({ lr: 0.1, factor: 0.5, patience: 0 });
 * let state = feedback!.init();
 * const rates = [3, 2, 2, 1].map((loss) => {
 *   state = feedback!.observe(state, { step: 0, loss, metric: loss });
 *   return feedback!.at(state, 0);
 * });
 * assert.deepEqual(rates, [0.2, 0.4, 0.2, 0.4]);
 * ```
 *
 * @throws {RangeError} unless 0 < `factor` < 1, `min_lr` <= `lr` <= `max_lr`, and the counts are whole numbers >= 0
 * (`reset_start` >= 1).
 * @see Subramanian and Ganapathiraman, arXiv:2512.14527; transformers.optimization.GreedyLR
 */
export function greedy(given: Given<typeof PARAMS>): BuiltSchedule {
  const v = check("greedy", PARAMS, given);
  if (v.min_lr > v.lr) throw new ParameterError("greedy", "min_lr", `<= lr (${v.lr})`, v.min_lr);
  if (v.max_lr < v.lr) throw new ParameterError("greedy", "max_lr", `>= lr (${v.lr})`, v.max_lr);
  const init = (): GreedyState => ({
    lr: v.lr,
    best: null,
    bad: 0,
    good: 0,
    cooldown: 0,
    warmup: 0,
    untilReset: v.reset_start,
    window: [],
  });
  const feedback: FeedbackSchedule<GreedyState> = {
    metric: v.metric,
    init,
    observe: (before, { metric: value }) => {
      const window = v.smooth ? [...before.window, value].slice(-v.window_size) : [];
      const metric = v.smooth ? window.reduce((sum, one) => sum + one, 0) / window.length : value;
      const state = { ...before, window };
      if (state.cooldown > 0) return { ...state, bad: 0, good: 0, cooldown: state.cooldown - 1 };
      if (state.warmup > 0) return { ...state, bad: 0, good: 0, warmup: state.warmup - 1 };
      const seen = isBetter(v, metric, state.best)
        ? { ...state, best: metric, bad: 0, good: state.good + 1 }
        : { ...state, bad: state.bad + 1, good: 0 };
      if (seen.good > v.patience) {
        const raised = Math.min(seen.lr / v.factor, v.max_lr);
        const lr = raised - seen.lr > v.eps ? raised : seen.lr;
        return { ...seen, lr, good: 0, warmup: v.warmup, untilReset: v.reset_start };
      }
      return seen.bad > v.patience ? reduced(v, seen, init) : seen;
    },
    at: (state) => state.lr,
  };
  return { lr: () => v.lr, momentum: null, cycles: null, feedback: feedback as FeedbackSchedule };
}

type Greedy = Values<typeof PARAMS>;

/** The state after a reduction, or the first one again after enough of them at the lower bound. */
function reduced(v: Greedy, state: GreedyState, init: () => GreedyState): GreedyState {
  const lower = Math.max(state.lr * v.factor, v.min_lr);
  const lr = state.lr - lower > v.eps ? lower : state.lr;
  if (lr > v.min_lr) return { ...state, lr, bad: 0, cooldown: v.cooldown };
  // The evaluation that resets everything still starts the cooldown, as in transformers.
  if (state.untilReset <= 1) return { ...init(), cooldown: v.cooldown };
  return { ...state, lr, bad: 0, cooldown: v.cooldown, untilReset: state.untilReset - 1 };
}

function isBetter({ mode, threshold, threshold_mode }: Greedy, value: number, best: number | null): boolean {
  if (!Number.isFinite(value)) return false;
  if (best === null) return true;
  const sign = mode === "min" ? 1 : -1;
  const bound = threshold_mode === "rel"
    ? best * (1 - sign * Math.sign(best) * threshold)
    : best - sign * threshold;
  return sign * value < sign * bound;
}
