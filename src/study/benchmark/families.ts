import type { ScheduleSpec } from "#schedules/mod.ts";

/** A family of schedules as the benchmark trains it. */
export interface Family {
  readonly name: string;
  /** What it stands for, one line. */
  readonly why: string;
  /** The average of the weights that it is judged by, of runs that another family trains; `null` for the last weights. */
  readonly weights: string | null;
  /** The family whose runs it shares: those are trained once. Absent where it has its own. */
  readonly runsOf?: string;
  /** With `tuned` as its rate. */
  readonly schedule: ScheduleSpec;
}

/** Share of the run in which every family but those that have a rise of their own, or none, goes up to its rate. */
const RAMP = 5;
const rest = `${100 - RAMP}%`;

/** The ramp that all share, and a schedule after it: families differ in what follows. */
const after = (then: ScheduleSpec): ScheduleSpec => ({
  name: "warmup",
  duration: `${RAMP}%`,
  skip_zero: true,
  then,
});

/** The ramp, a stable phase, and a cooldown over the last fifth of the run. */
const stable = (decay_shape: "linear" | "1-sqrt"): ScheduleSpec =>
  after({ name: "wsd", lr: "tuned", warmup: "0%", stable: `${80 - RAMP}%`, decay: "20%", decay_shape });

/**
 * The families, the control first. A new one is an entry here, and a question about it one in questions.ts.
 *
 * All share one short ramp on every workload: transformers need one, so a family without it would lose by what it lacks
 * and not by its shape. What the ramp itself does is asked of a family of its own, cosine without it. One-cycle and the
 * triangular cycle rise by themselves. Lengths are shares of the run, so that a family has one shape at every length.
 */
export const FAMILIES: readonly Family[] = [
  {
    name: "constant",
    why: "the control: no decay",
    weights: null,
    schedule: after({ name: "constant", lr: "tuned" }),
  },
  {
    name: "constant, EMA",
    why:
      "no decay, judged by the average (EMA 0.98) of the weights from half of the run on, at the rate of constant",
    weights: "ema",
    runsOf: "constant",
    schedule: after({ name: "constant", lr: "tuned" }),
  },
  {
    name: "step",
    why: "× 0.1 after 1/3, 2/3 and 8/9 of the run: 30, 60 and 80 of 90 epochs, as for ResNets",
    weights: null,
    schedule: after({
      name: "multistep",
      lr: "tuned",
      milestones: ["28.333%", "61.667%", "83.889%"],
      gamma: 0.1,
    }),
  },
  {
    name: "exponential",
    why: "falls by the same factor all the time, to 1 % at the end",
    weights: null,
    schedule: after({ name: "exponential", lr: "tuned", gamma: 0.01, every: rest }),
  },
  {
    name: "inverse sqrt",
    why: "falls as 1/√t after the ramp: Noam's shape, of the first transformers",
    weights: null,
    schedule: { name: "inverse_sqrt", lr: "tuned", warmup: `${RAMP}%` },
  },
  {
    name: "inverse time",
    why: "falls as 1/(1 + 10 t/T): Robbins and Monro's",
    weights: null,
    schedule: after({ name: "inverse_time", lr: "tuned", decay_rate: 10, every: "100%" }),
  },
  {
    name: "polynomial 2",
    why: "a parabola to zero",
    weights: null,
    schedule: after({ name: "polynomial", lr: "tuned", power: 2, duration: rest }),
  },
  {
    name: "linear",
    why: "a line to zero: the best of the convex bound",
    weights: null,
    schedule: after({ name: "linear", lr: "tuned", end_lr: 0, duration: rest }),
  },
  {
    name: "cosine",
    why: "half a cosine to zero: today's usual choice",
    weights: null,
    schedule: after({ name: "cosine", lr: "tuned", T_max: rest }),
  },
  {
    name: "cosine to 10 %",
    why: "half a cosine that stops at a tenth, as language models were trained",
    weights: null,
    schedule: after({
      name: "wsd",
      lr: "tuned",
      warmup: "0%",
      stable: "0%",
      decay: rest,
      decay_shape: "cosine",
      min_ratio: 0.1,
    }),
  },
  {
    name: "cosine, no warmup",
    why: "cosine at its full rate from the first step: what the ramp is worth",
    weights: null,
    schedule: { name: "cosine", lr: "tuned", T_max: "100%" },
  },
  {
    name: "SGDR",
    why: "three cosines with warm restarts, each twice as long as the one before; the last ends with the run",
    weights: null,
    schedule: after({ name: "sgdr", lr: "tuned", T_0: "13.5714%", T_mult: 2, cycle_limit: 3 }),
  },
  {
    name: "triangular",
    why: "three triangles between zero and the rate (CyclicLR), the last ending with the run; momentum stays",
    weights: null,
    schedule: {
      name: "cyclic",
      base_lr: 0,
      max_lr: "tuned",
      step_size_up: "16.6667%",
      cycle_momentum: false,
    },
  },
  {
    name: "one-cycle",
    why: "up for 30 % of the run, then down to almost zero; momentum (β₁ of AdamW) the other way",
    weights: null,
    schedule: { name: "one_cycle", max_lr: "tuned", duration: "100%" },
  },
  {
    name: "WSD, linear",
    why: "stable, then a line to zero over the last fifth",
    weights: null,
    schedule: stable("linear"),
  },
  {
    name: "WSD, 1-sqrt",
    why: "stable, then 1 − √t over the last fifth",
    weights: null,
    schedule: stable("1-sqrt"),
  },
  {
    name: "plateau",
    why: "ReduceLROnPlateau: × 0.3 when the validation loss has not improved for two of ten evaluations",
    weights: null,
    schedule: after({ name: "plateau", lr: "tuned", factor: 0.3, patience: 1 }),
  },
];

/** The family that others are set against in the spec's own summary. */
export const BASELINE = "cosine";

/** Those that are trained: the others share their runs. */
export function trainedFamilies(families: readonly Family[]): readonly Family[] {
  return families.filter(({ runsOf }) => runsOf === undefined);
}
