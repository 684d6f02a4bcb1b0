import { cyclesUnder, rateUnder } from "../compose.ts";
import type { Given, Values } from "../param_types.ts";
import { choice, number, rate, rateOrZero, schedule } from "../params.ts";
import type { BuiltSchedule, FeedbackSchedule } from "../schedule.ts";
import { check, ParameterError } from "../values.ts";

const COUNT = { min: 0, whole: true };
export const PARAMS = {
  lr: { ...rate("rate until the first reduction; the first rate of `scales` where left out"), default: null },
  metric: choice("the metric watched at each evaluation", ["validation_loss", "validation_accuracy"]),
  mode: choice("whether a smaller or a larger metric is better", ["min", "max"]),
  factor: number("factor of each reduction", "factor", { above: 0, below: 1 }, 0.1),
  patience: number(
    "evaluations without improvement before a reduction; one more reduces the rate",
    "evaluations",
    COUNT,
    10,
  ),
  threshold: number("smallest change that counts as an improvement", "fraction or metric", { min: 0 }, 1e-4),
  threshold_mode: choice("whether the threshold is a fraction of the best value or a difference", [
    "rel",
    "abs",
  ]),
  cooldown: number("evaluations after a reduction that are not counted", "evaluations", COUNT, 0),
  min_lr: rateOrZero("lower bound on the reduced rate", 0),
  eps: rateOrZero("a reduction by no more than this is skipped", 1e-8),
  scales: schedule("a schedule that the reductions multiply", null),
};

/** The state of a plateau: plain data for the checkpoint. `best` is `null` before the first usable value. */
export interface PlateauState {
  readonly best: number | null;
  readonly bad: number;
  readonly cooldown: number;
  readonly lr: number;
  /** State of `scales`, where that depends on evaluations too. */
  readonly scales: unknown;
}

/**
 * Reduces the rate when a metric stops improving, as torch's ReduceLROnPlateau.
 *
 * η = lr of the state, or with `scales` scales(t)·lr/lr₀. At each evaluation the metric a is better than the best b
 * if a < b − thr·|b| (mode min, rel), a > b + thr·|b| (max, rel), a < b − thr or a > b + thr (abs). For negative
 * metrics the margin stays thr·|b|, where torch's b·(1 − thr) would accept a worse value. NaN and infinities are bad. After more than
 * `patience` bad evaluations in a row lr becomes max(lr·factor, min_lr), if that is lower by more than `eps`; the
 * next `cooldown` evaluations are not counted as bad.
 *
 * First value `lr`; without evaluations it stays there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { plateau } from "#schedules/plateau/formula.ts";
 *
 * const { feedback } = plateau({ lr: 1, patience: 1, factor: 0.5 });
 * let state = feedback!.init();
 * const see = (metric: number) =>
 *   state = feedback!.observe(state, { step: 0, loss: metric, metric });
 * for (const loss of [3, 2, 2]) see(loss);
 * assert.equal(feedback!.at(state, 0), 1); // one evaluation without improvement is within the patience
 * see(2);
 * assert.equal(feedback!.at(state, 0), 0.5);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, 0 < `factor` < 1, `patience` and `cooldown` are whole numbers >= 0,
 * `threshold`, `eps` >= 0, and 0 <= `min_lr` <= `lr`; and without both `lr` and `scales`.
 * @see torch.optim.lr_scheduler.ReduceLROnPlateau
 */
export function plateau(given: Given<typeof PARAMS>): BuiltSchedule {
  const v = check("plateau", PARAMS, given);
  const { scales } = v;
  const lr = v.lr ?? scales?.lr(0);
  if (lr === undefined) throw new ParameterError("plateau", "lr", "given if there is no scales", lr);
  if (!(lr > 0)) {
    throw new ParameterError("plateau", "lr", "> 0 (without lr it is the first rate of scales)", lr);
  }
  if (v.min_lr > lr) throw new ParameterError("plateau", "min_lr", `<= lr (${lr})`, v.min_lr);
  const feedback = plateauFeedback({ ...v, lr });
  const initial = feedback.init();
  return {
    lr: (t) => feedback.at(initial, t),
    momentum: scales?.momentum ?? null,
    cycles: scales?.cycles ?? null,
    feedback: feedback as FeedbackSchedule,
  };
}

/** The reductions, after the parameters were checked and the first rate was found. */
function plateauFeedback(v: Values<typeof PARAMS> & { readonly lr: number }): FeedbackSchedule<PlateauState> {
  const { lr, scales } = v;
  const isBetter = comparison(v.mode, v.threshold_mode, v.threshold);
  return {
    metric: v.metric,
    init: () => ({ best: null, bad: 0, cooldown: 0, lr, scales: scales?.feedback?.init() ?? null }),
    observe: (state, seen) => {
      const better = isBetter(seen.metric, state.best);
      const cooling = state.cooldown > 0;
      const bad = better || cooling ? 0 : state.bad + 1;
      const next = {
        best: better ? seen.metric : state.best,
        bad,
        cooldown: cooling ? state.cooldown - 1 : 0,
        lr: state.lr,
        scales: scales?.feedback?.observe(state.scales, seen) ?? null,
      };
      if (bad <= v.patience) return next;
      const reduced = Math.max(state.lr * v.factor, v.min_lr);
      return { ...next, bad: 0, cooldown: v.cooldown, lr: state.lr - reduced > v.eps ? reduced : state.lr };
    },
    at: (state, step) => scales === null ? state.lr : rateUnder(scales, state.scales)(step) * (state.lr / lr),
    ...(scales?.cycles == null ? {} : {
      cycles: (state: PlateauState, step: number) => cyclesUnder(scales, state.scales)!(step),
    }),
  };
}

/** True for a metric that beats the best so far by more than the threshold; NaN and infinities never do. */
function comparison(
  mode: "min" | "max",
  thresholdMode: "rel" | "abs",
  threshold: number,
): (value: number, best: number | null) => boolean {
  const sign = mode === "min" ? 1 : -1;
  const bound = thresholdMode === "rel"
    ? (best: number) => best * (1 - sign * Math.sign(best) * threshold)
    : (best: number) => best - sign * threshold;
  return (value, best) => Number.isFinite(value) && (best === null || sign * value < sign * bound(best));
}
