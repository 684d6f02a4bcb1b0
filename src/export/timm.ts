import { type PlainValues, plainValues } from "#schedules/resolve.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { kwargs, type Native, type Natives } from "./framework.ts";

const native = (
  name: string,
  values: Readonly<Record<string, unknown>>,
  rate: Schedule,
  why = "",
): Native => ({
  call: `${name}(optimizer, ${kwargs({ ...values, t_in_epochs: false })})`,
  imports: [`from timm.scheduler import ${name}`],
  rate,
  why,
});

/** timm's schedulers, for comparison only: asked for each step, with the optimizer's rate as `lr`. */
export const timmNatives: Natives = (spec, shape, ours) => {
  const v = plainValues(spec, shape);
  switch (spec.name) {
    case "step":
      return [native("StepLRScheduler", { decay_t: v.step_size, decay_rate: v.gamma }, ours)];
    case "multistep":
      return [native(
        "MultiStepLRScheduler",
        { decay_t: v.milestones, decay_rate: v.gamma },
        (t) => v.lr * v.gamma ** (v.milestones as number[]).filter((milestone) => milestone <= t + 1).length,
        "MultiStepLRScheduler switches one step earlier",
      )];
    case "polynomial":
      return v.cycle
        ? []
        : [native("PolyLRScheduler", { t_initial: v.duration, power: v.power, lr_min: v.end_lr }, ours)];
    case "cosine":
      return [native("CosineLRScheduler", { t_initial: v.T_max, lr_min: v.eta_min }, ours)];
    case "sgdr":
      return [cosineCycles(v, 0, 0, shape.totalSteps)];
    case "warmup":
      return warmedUp(spec, v, shape);
    default:
      return [];
  }
};

/** The cycle by a logarithm, boundaries not rounded, `lr_min` the same in every cycle. */
function cosineCycles(
  v: PlainValues,
  warmup: number,
  from: number,
  totalSteps: number,
): Native {
  const [first, multiplier, decay] = [v.T_0 ?? v.T_max, v.T_mult ?? 1, v.lr_decay ?? 1];
  const single = v.T_0 === undefined;
  const limit: number = single ? 1 : v.cycle_limit ?? totalSteps;
  const rate: Schedule = (t) => {
    if (t < warmup) return from + t * (v.lr - from) / warmup;
    const cycle = multiplier === 1
      ? Math.floor(t / first)
      : Math.floor(Math.log(1 - t / first * (1 - multiplier)) / Math.log(multiplier));
    if (cycle >= limit) return v.eta_min;
    const start = multiplier === 1 ? cycle * first : (1 - multiplier ** cycle) / (1 - multiplier) * first;
    const peak = v.lr * decay ** cycle;
    return v.eta_min +
      0.5 * (peak - v.eta_min) * (1 + Math.cos(Math.PI * (t - start) / (first * multiplier ** cycle)));
  };
  const whys = [
    ...(warmup > 0 ? ["counts the warmup as part of the first cycle unless warmup_prefix=True"] : []),
    ...(multiplier === 1 ? [] : ["finds the cycle by a logarithm and does not round its boundaries"]),
    ...(decay === 1 ? [] : ["does not decay lr_min"]),
    ...(v.inclusive_end ? ["never reaches lr_min within a cycle"] : []),
  ];
  return native(
    "CosineLRScheduler",
    {
      t_initial: first,
      lr_min: v.eta_min,
      ...(single ? {} : { cycle_mul: multiplier, cycle_decay: decay, cycle_limit: limit }),
      ...(warmup > 0 ? { warmup_t: warmup, warmup_lr_init: from } : {}),
    },
    rate,
    `CosineLRScheduler ${whys.join(" and ")}`,
  );
}

function warmedUp(
  spec: ScheduleSpec,
  v: PlainValues,
  shape: Parameters<Natives>[1],
): Native[] {
  const then = spec.then as ScheduleSpec;
  if (v.shape !== "linear" || v.skip_zero || then.update === "epoch") return [];
  if (then.name !== "cosine" && then.name !== "sgdr") return [];
  return [cosineCycles(plainValues(then, shape), v.duration, v.from, shape.totalSteps)];
}
