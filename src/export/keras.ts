import { type PlainValues, plainValues } from "#schedules/resolve.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { kwargs, type Native, type Natives } from "./framework.ts";

const native = (
  name: string,
  values: Readonly<Record<string, unknown>>,
  rate: Schedule | null,
  why = "",
): Native => ({
  call: `keras.optimizers.schedules.${name}(${kwargs(values)})`,
  imports: ["import keras"],
  rate,
  why,
});

/** Keras' own schedules, with their rates as Keras 3 computes them (here in double precision). */
export const kerasNatives: Natives = (spec, shape, ours) => {
  const v = plainValues(spec, shape);
  switch (spec.name) {
    case "step":
      return [native("ExponentialDecay", { ...decay(v.lr, v.step_size, v.gamma), staircase: true }, ours)];
    case "multistep":
      return piecewise(v.lr, v.milestones, v.gamma);
    case "exponential":
      return [native(
        "ExponentialDecay",
        { ...decay(v.lr, v.every, v.gamma ?? Math.exp(-v.decay_rate)), staircase: v.staircase },
        ours,
      )];
    case "linear":
    case "polynomial":
      return [native("PolynomialDecay", {
        initial_learning_rate: v.lr,
        decay_steps: v.duration,
        end_learning_rate: v.end_lr,
        power: v.power ?? 1,
        ...(v.cycle ? { cycle: true } : {}),
      }, ours)];
    case "cosine":
      return [native("CosineDecay", {
        initial_learning_rate: v.lr,
        decay_steps: v.T_max,
        alpha: v.eta_min / v.lr,
      }, ours)];
    case "sgdr":
      return [restarts(v)];
    case "warmup":
      return warmupCosine(spec, v, shape, ours);
    default:
      return [];
  }
};

const decay = (lr: number, steps: number, rate: number) => ({
  initial_learning_rate: lr,
  decay_steps: steps,
  decay_rate: rate,
});

/** A boundary's own update still has the value before it, so milestones are written one earlier. */
function piecewise(lr: number, milestones: readonly number[], gamma: number): Native[] {
  const distinct = [...new Set(milestones)];
  const values = [0, ...distinct].map((at) =>
    lr * gamma ** milestones.filter((milestone) => milestone <= at).length
  );
  const of = (boundaries: readonly number[], why: string) =>
    native("PiecewiseConstantDecay", { boundaries, values }, (t) => {
      const index = boundaries.findIndex((boundary) => t <= boundary);
      return values[index < 0 ? values.length - 1 : index]!;
    }, why);
  if (distinct.length === 0) return [];
  return [
    of(distinct, "PiecewiseConstantDecay switches one step later"),
    of(distinct.map((at) => at - 1), ""),
  ];
}

/** The cycle by a logarithm, boundaries not rounded, and a minimum that does not decay with the maximum. */
function restarts(v: PlainValues): Native {
  const { lr, eta_min, T_0, T_mult, lr_decay } = v;
  const alpha = eta_min / lr;
  const rate: Schedule = (t) => {
    let completed = t / T_0;
    let cycle: number;
    if (T_mult === 1) {
      cycle = Math.floor(completed);
      completed -= cycle;
    } else {
      cycle = Math.floor(Math.log(1 - completed * (1 - T_mult)) / Math.log(T_mult));
      completed = (completed - (1 - T_mult ** cycle) / (1 - T_mult)) / T_mult ** cycle;
    }
    return lr * ((1 - alpha) * 0.5 * lr_decay ** cycle * (1 + Math.cos(Math.PI * completed)) + alpha);
  };
  const whys = [
    ...(T_mult === 1 ? [] : ["finds the cycle by a logarithm and does not round its boundaries"]),
    ...(lr_decay === 1 ? [] : ["does not decay the minimum"]),
    ...(v.cycle_limit === null ? [] : ["restarts for ever"]),
    ...(v.inclusive_end ? ["never reaches the minimum"] : []),
  ];
  return native(
    "CosineDecayRestarts",
    { initial_learning_rate: lr, first_decay_steps: T_0, t_mul: T_mult, m_mul: lr_decay, alpha },
    rate,
    `CosineDecayRestarts ${whys.join(" and ")}`,
  );
}

/** Keras has a linear warmup inside CosineDecay; its `decay_steps` come after the warmup. */
function warmupCosine(
  spec: ScheduleSpec,
  v: PlainValues,
  shape: Parameters<Natives>[1],
  ours: Schedule,
): Native[] {
  const then = spec.then as ScheduleSpec;
  if (
    then.name !== "cosine" || then.update === "epoch" || v.shape !== "linear" || v.skip_zero ||
    v.duration === 0
  ) return [];
  const inner = plainValues(then, shape);
  return [native("CosineDecay", {
    initial_learning_rate: v.from,
    decay_steps: inner.T_max,
    alpha: inner.eta_min / inner.lr,
    warmup_target: inner.lr,
    warmup_steps: v.duration,
  }, ours)];
}
