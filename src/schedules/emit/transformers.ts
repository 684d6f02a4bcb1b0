import { plainValues } from "../resolve.ts";
import type { Schedule, ScheduleSpec } from "../schedule.ts";
import { kwargs, type Native, type Natives } from "./framework.ts";

const native = (
  name: string,
  values: Readonly<Record<string, unknown>>,
  base: number,
  rate: Schedule | null,
  why = "",
): Native => ({
  call: `${name}(${["optimizer", kwargs(values)].filter((part) => part !== "").join(", ")})`,
  imports: [`from transformers import ${name}`],
  base,
  rate,
  why,
});

/** The schedules of transformers' `optimization.py`, all with a linear warmup from 0. */
export const transformersNatives: Natives = (spec, shape, ours) => {
  const outer = plainValues(spec, shape);
  if (spec.name === "inverse_sqrt") {
    return [native("get_inverse_sqrt_schedule", { num_warmup_steps: outer.warmup }, outer.lr, ours)];
  }
  if (spec.name === "wsd") return [warmupStableDecay(outer, ours)];
  const warm = spec.name === "warmup";
  if (warm && (outer.shape !== "linear" || outer.from !== 0 || outer.skip_zero)) return [];
  const inner = (warm ? spec.then : spec) as ScheduleSpec;
  if (warm && inner.update === "epoch") return [];
  const v = warm ? plainValues(inner, shape) : outer;
  const own = warm ? "num_training_steps counts the warmup too" : "";
  const num_warmup_steps: number = warm ? outer.duration : 0;
  const ramp = (rate: Schedule): Schedule => (t) =>
    t < num_warmup_steps ? v.lr * t / num_warmup_steps : rate(t - num_warmup_steps);
  switch (inner.name) {
    case "constant":
      return [
        warm
          ? native("get_constant_schedule_with_warmup", { num_warmup_steps }, v.lr, ours)
          : native("get_constant_schedule", {}, v.lr, ours),
      ];
    case "linear":
    case "polynomial":
      return totals(v.duration, num_warmup_steps).map((num_training_steps) => {
        const length = num_training_steps - num_warmup_steps;
        const power = v.power ?? 1;
        const rate = ramp((t) =>
          t > length ? v.end_lr : v.end_lr + (v.lr - v.end_lr) * (1 - t / length) ** power
        );
        return power === 1 && v.end_lr === 0
          ? native(
            "get_linear_schedule_with_warmup",
            { num_warmup_steps, num_training_steps },
            v.lr,
            rate,
            own,
          )
          : native(
            "get_polynomial_decay_schedule_with_warmup",
            {
              num_warmup_steps,
              num_training_steps,
              lr_end: v.end_lr,
              power,
            },
            v.lr,
            v.cycle || v.end_lr >= v.lr ? null : rate,
            v.cycle ? "transformers has no cycles here" : own,
          );
      });
    case "cosine":
      return totals(v.T_max, num_warmup_steps).map((num_training_steps) => {
        const length = num_training_steps - num_warmup_steps;
        const ratio = v.eta_min / v.lr;
        const rate = ramp((t) => v.lr * (ratio + (1 - ratio) * (1 + Math.cos(Math.PI * t / length)) / 2));
        const why = [own, "the cosine rises again past its end"].filter((part) => part !== "").join(", and ");
        return ratio === 0
          ? native(
            "get_cosine_schedule_with_warmup",
            { num_warmup_steps, num_training_steps },
            v.lr,
            rate,
            why,
          )
          : native(
            "get_cosine_with_min_lr_schedule_with_warmup",
            {
              num_warmup_steps,
              num_training_steps,
              min_lr: v.eta_min,
            },
            v.lr,
            rate,
            why,
          );
      });
    case "sgdr":
      return [hardRestarts(v, num_warmup_steps, shape.totalSteps, ramp)];
    default:
      return [];
  }
};

/** What a number for the decay alone means where the total is asked for, and the total that is meant. */
const totals = (decay: number, warmup: number): number[] =>
  warmup === 0 || decay <= warmup ? [decay + warmup] : [decay, decay + warmup];

function hardRestarts(
  v: ReturnType<typeof plainValues>,
  num_warmup_steps: number,
  totalSteps: number,
  ramp: (rate: Schedule) => Schedule,
): Native {
  const num_cycles = Math.max(1, Math.ceil((totalSteps - num_warmup_steps) / v.T_0));
  const length = num_cycles * v.T_0;
  const rate: Schedule = (t) => {
    const progress = t / length;
    return progress >= 1
      ? 0
      : v.lr * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * ((num_cycles * progress) % 1))));
  };
  const plain = v.T_mult === 1 && v.eta_min === 0 && v.lr_decay === 1;
  return native(
    "get_cosine_with_hard_restarts_schedule_with_warmup",
    { num_warmup_steps, num_training_steps: length + num_warmup_steps, num_cycles },
    v.lr,
    ramp(rate),
    plain
      ? "the hard restarts of transformers find the cycle by a floating-point remainder"
      : "the hard restarts of transformers are equally long, end at 0 and do not decay",
  );
}

/** Its warmup starts at the minimum ratio, not at 0. */
function warmupStableDecay(v: ReturnType<typeof plainValues>, ours: Schedule): Native {
  const rate: Schedule = (t) =>
    t < v.warmup ? v.lr * (v.min_ratio + (1 - v.min_ratio) * t / v.warmup) : ours(t);
  return native(
    "get_wsd_schedule",
    {
      num_warmup_steps: v.warmup,
      num_stable_steps: v.stable,
      num_decay_steps: v.decay,
      warmup_type: "linear",
      decay_type: v.decay_shape,
      min_lr_ratio: v.min_ratio,
    },
    v.lr,
    rate,
    "get_wsd_schedule starts its warmup at min_lr_ratio, not at 0",
  );
}
