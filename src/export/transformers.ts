import type { RunShape } from "#lib/duration.ts";
import { type PlainValues, plainValues } from "#schedules/resolve.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
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
  const v = plainValues(spec, shape);
  if (spec.name === "inverse_sqrt") {
    return [native("get_inverse_sqrt_schedule", { num_warmup_steps: v.warmup }, v.lr, ours)];
  }
  if (spec.name === "wsd") return [warmupStableDecay(v, ours)];
  if (spec.name !== "warmup") return WARMED[spec.name]?.({ v, warmup: 0, ours, shape }) ?? [];
  const then: ScheduleSpec = v.then;
  if (v.shape !== "linear" || v.from !== 0 || v.skip_zero || then.update === "epoch") return [];
  return WARMED[then.name]?.({ v: plainValues(then, shape), warmup: v.duration, ours, shape }) ?? [];
};

/** A schedule after a linear warmup from 0 of so many steps. */
interface Warmed {
  readonly v: PlainValues;
  readonly warmup: number;
  readonly ours: Schedule;
  readonly shape: RunShape;
}

const WARMED: Readonly<Record<string, (warmed: Warmed) => readonly Native[]>> = {
  constant: ({ v, warmup, ours }) => [
    warmup > 0
      ? native("get_constant_schedule_with_warmup", { num_warmup_steps: warmup }, v.lr, ours)
      : native("get_constant_schedule", {}, v.lr, ours),
  ],
  linear: polynomial,
  polynomial,
  cosine,
  sgdr: (warmed) => [hardRestarts(warmed)],
};

const after = ({ v, warmup }: Warmed, rate: Schedule): Schedule => (t) =>
  t < warmup ? v.lr * t / warmup : rate(t - warmup);
const own = ({ warmup }: Warmed) => warmup > 0 ? ["num_training_steps counts the warmup too"] : [];

function polynomial(warmed: Warmed): Native[] {
  const { v, warmup } = warmed;
  const power: number = v.power ?? 1;
  return totals(v.duration, warmup).map((num_training_steps) => {
    const steps = { num_warmup_steps: warmup, num_training_steps };
    const length = num_training_steps - warmup;
    const rate = after(
      warmed,
      (t) => t > length ? v.end_lr : v.end_lr + (v.lr - v.end_lr) * (1 - t / length) ** power,
    );
    if (v.cycle || v.end_lr >= v.lr) {
      const why = v.cycle ? "transformers has no cycles here" : "transformers only decays";
      return native(
        "get_polynomial_decay_schedule_with_warmup",
        { ...steps, lr_end: v.end_lr, power },
        v.lr,
        null,
        why,
      );
    }
    const why = own(warmed).join();
    return power === 1 && v.end_lr === 0
      ? native("get_linear_schedule_with_warmup", steps, v.lr, rate, why)
      : native(
        "get_polynomial_decay_schedule_with_warmup",
        { ...steps, lr_end: v.end_lr, power },
        v.lr,
        rate,
        why,
      );
  });
}

function cosine(warmed: Warmed): Native[] {
  const { v, warmup } = warmed;
  const ratio = v.eta_min / v.lr;
  const why = [...own(warmed), "the cosine rises again past its end"].join(", and ");
  return totals(v.T_max, warmup).map((num_training_steps) => {
    const steps = { num_warmup_steps: warmup, num_training_steps };
    const length = num_training_steps - warmup;
    const rate = after(
      warmed,
      (t) => v.lr * (ratio + (1 - ratio) * (1 + Math.cos(Math.PI * t / length)) / 2),
    );
    return ratio === 0 ? native("get_cosine_schedule_with_warmup", steps, v.lr, rate, why) : native(
      "get_cosine_with_min_lr_schedule_with_warmup",
      { ...steps, min_lr: v.eta_min },
      v.lr,
      rate,
      why,
    );
  });
}

/** What a number for the decay alone means where the total is asked for, and the total that is meant. */
const totals = (decay: number, warmup: number): number[] =>
  warmup === 0 || decay <= warmup ? [decay + warmup] : [decay, decay + warmup];

function hardRestarts(warmed: Warmed): Native {
  const { v, warmup, shape } = warmed;
  const num_cycles = Math.max(1, Math.ceil((shape.totalSteps - warmup) / v.T_0));
  const length = num_cycles * v.T_0;
  const rate = after(warmed, (t) => {
    const progress = t / length;
    return progress >= 1
      ? 0
      : v.lr * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * ((num_cycles * progress) % 1))));
  });
  const plain = v.T_mult === 1 && v.eta_min === 0 && v.lr_decay === 1;
  return native(
    "get_cosine_with_hard_restarts_schedule_with_warmup",
    { num_warmup_steps: warmup, num_training_steps: length + warmup, num_cycles },
    v.lr,
    rate,
    plain
      ? "the hard restarts of transformers find the cycle by a floating-point remainder"
      : "the hard restarts of transformers are equally long, end at 0 and do not decay",
  );
}

/** Its warmup starts at the minimum ratio, not at 0. */
function warmupStableDecay(v: PlainValues, ours: Schedule): Native {
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
