import { combine } from "../compose.ts";
import { cyclePosition } from "../cycles.ts";
import type { Given } from "../param_types.ts";
import { boolean, choice, durationOrZero, rateOrZero, schedule } from "../params.ts";
import { RAMPS } from "../ramps.ts";
import type { BuiltSchedule, Schedule } from "../schedule.ts";
import { check, ParameterError } from "../values.ts";

export const PARAMS = {
  duration: durationOrZero("W, the length of the ramp"),
  shape: choice("shape of the ramp", ["linear", "exponential", "cosine", "log", "1-sqrt"]),
  from: rateOrZero("rate at which the ramp starts", 0),
  skip_zero: boolean(
    "start one step up the ramp, at 1/(W + 1) of the way, so that the first rate is not 0",
    false,
  ),
  clock: choice(
    "the clock of the schedule after the ramp: its own, which starts when the ramp ends, or the run's",
    [
      "own",
      "run",
    ],
  ),
  ramp_to: choice(
    "with the run's clock, whether the ramp rises to that schedule's first rate or to the one at which it joins it",
    ["first", "joined"],
  ),
  then: schedule("the schedule after the ramp"),
};

/**
 * A ramp from `from` to the wrapped schedule's first value η₁ over W = `duration` steps, with p = t/W, or
 * (t + 1)/(W + 1) with `skip_zero`: from^(1 − p)·η₁^p (exponential), or from + (η₁ − from)·f with f = p (linear),
 * (1 − cos(πp))/2 (cosine), ln(1 + pW)/ln(1 + W) (log) or 1 − √(1 − p) (1-sqrt). From t = W on, the wrapped schedule
 * at t − W; with `clock: run` at t, so that its milestones are counted from the start of the run, and a ramp to
 * the rate `joined` there has η₁ = its rate at W.
 *
 * First value `from` (the origin that torch's LinearLR and optax choose), or one step above it with `skip_zero`.
 * Momentum holds the wrapped schedule's first value during the ramp; the ramp counts to the wrapped schedule's cycle 0.
 * DeepSpeed's log ramp of `warmup_num_steps` is one of a step less here, as it ends on the last of its steps.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { warmup } from "#schedules/warmup/formula.ts";
 * import { buildSchedule } from "#schedules/registry.ts";
 *
 * const then = buildSchedule(
 *   { name: "linear", lr: 1, duration: "20 steps" },
 *   { totalSteps: 100, stepsPerEpoch: 10 },
 * );
 * const { lr } = warmup({ duration: 10, then });
 * assert.deepEqual([lr(0), lr(5), lr(10), lr(20), lr(30)], [0, 0.5, 1, 0.5, 0]);
 * const onRun = warmup({ duration: 10, clock: "run", then }).lr;
 * assert.deepEqual([onRun(5), onRun(10), onRun(20)], [0.5, 0.5, 0]);
 * ```
 *
 * @throws {RangeError} unless `duration` >= 0, `from` >= 0, and for `exponential` both ends of the ramp are > 0.
 * @see Goyal et al., 2017, arXiv:1706.02677; Gotmare et al., 2018, arXiv:1810.13243
 * @see DeepSpeed's WarmupLR (log), transformers.get_wsd_schedule (1-sqrt), timm's warmup_prefix and detectron2's
 * rescale_interval (the clock)
 */
export function warmup(given: Given<typeof PARAMS>): BuiltSchedule {
  const { duration, shape, from, skip_zero, clock, ramp_to, then } = check("warmup", PARAMS, given);
  if (shape === "exponential" && duration > 0 && from === 0) {
    throw new ParameterError(
      "warmup",
      "from",
      "> 0 with shape exponential (a geometric ramp never leaves 0)",
      from,
    );
  }
  const ramp = RAMPS[shape];
  const start = clock === "run" ? 0 : duration;
  const reached = clock === "run" && ramp_to === "joined" ? duration : 0;
  const progress = skip_zero ? (t: number) => (t + 1) / (duration + 1) : (t: number) => t / duration;
  const { momentum } = then;
  return {
    ...combine([then], {
      rates: ([rate]) => {
        const target = rate!(reached);
        return (t) => t < duration ? ramp(from, target, progress(t), duration) : rate!(t - start);
      },
      cycles: ([cycles]) =>
        cycles === null ? null : (t) => {
          const { cycle, position, length } = cycles!(Math.max(0, t - start));
          return cycle > 0 ? cyclePosition(cycle, position, length) : cyclePosition(0, t, start + length);
        },
      local: (_, step) => step < duration ? null : step - start,
    }),
    momentum: momentum === null ? null : delayed(momentum, start),
  };
}

const delayed = (schedule: Schedule, by: number): Schedule => (t) => schedule(Math.max(0, t - by));
