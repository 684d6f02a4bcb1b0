import type { RunShape } from "#lib/duration.ts";
import { type PlainValues, plainValues } from "#schedules/resolve.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { kwargs, type Native, type Natives, py } from "./framework.ts";

const native = (
  name: string,
  values: Readonly<Record<string, unknown>>,
  base: number,
  rate: Schedule | null,
  why = "",
): Native => ({
  call: `${name}(optimizer, ${kwargs(values)})`,
  imports: [`from torch.optim.lr_scheduler import ${name}`],
  base,
  rate,
  why,
});

/** PyTorch's own schedulers, `torch.optim.lr_scheduler`, with their rates as torch 1.13 computes them. */
export const pytorchNatives: Natives = (spec, shape, ours) =>
  NATIVES[spec.name]?.(plainValues(spec, shape), ours, shape) ?? [];

const NATIVES: Readonly<
  Record<string, (v: PlainValues, ours: Schedule, shape: RunShape) => readonly Native[]>
> = {
  constant: ({ lr }, ours) => [native("ConstantLR", { factor: 1.0, total_iters: 1 }, lr, ours)],
  step: ({ lr, step_size, gamma }, ours) => [native("StepLR", { step_size, gamma }, lr, ours)],
  multistep: ({ lr, milestones, gamma }, ours) => [native("MultiStepLR", { milestones, gamma }, lr, ours)],
  exponential,
  linear: ({ lr, end_lr, duration }, ours) => {
    const [start, end, base] = end_lr > lr ? [lr / end_lr, 1, end_lr] : [1, end_lr / lr, lr];
    return [native("LinearLR", { start_factor: start, end_factor: end, total_iters: duration }, base, ours)];
  },
  polynomial: ({ lr, duration, power, cycle }) => {
    const toZero: Schedule = (t) => lr * (1 - Math.min(t, duration) / duration) ** power;
    const why = cycle ? "PolynomialLR has no cycles" : "PolynomialLR always ends at 0";
    return [native("PolynomialLR", { total_iters: duration, power }, lr, toZero, why)];
  },
  cosine: ({ lr, eta_min, T_max }) => {
    const rises: Schedule = (t) => eta_min + (lr - eta_min) * (1 + Math.cos(Math.PI * t / T_max)) / 2;
    return [
      native("CosineAnnealingLR", { T_max, eta_min }, lr, rises, "CosineAnnealingLR rises again past T_max"),
    ];
  },
  sgdr: (v) => [restarts(v)],
  one_cycle: (v, ours) => [oneCycle(v, ours)],
  cyclic: ({ base_lr, max_lr, step_size_up, step_size_down, mode, gamma, ...v }, ours) => {
    const sizes = { step_size_up, step_size_down: step_size_down ?? step_size_up };
    return [native("CyclicLR", { base_lr, max_lr, ...sizes, mode, gamma, ...momenta(v) }, base_lr, ours)];
  },
  warmup: sequential,
};

/** How a scheduler that can move the momentum is told to, or not to. */
const momenta = ({ cycle_momentum, base_momentum, max_momentum }: PlainValues) =>
  cycle_momentum ? { base_momentum, max_momentum } : { cycle_momentum };

function exponential(v: PlainValues, ours: Schedule): Native[] {
  const gamma: number = v.gamma ?? Math.exp(-v.decay_rate);
  const asked = native(
    "ExponentialLR",
    { gamma },
    v.lr,
    (t) => v.lr * gamma ** t,
    `ExponentialLR decays by gamma at every step, not every ${v.every}`,
  );
  const smooth = {
    ...asked,
    call: `ExponentialLR(optimizer, gamma=${py(gamma)} ** (1 / ${v.every}))`,
    rate: ours,
  };
  return [asked, v.staircase ? native("StepLR", { step_size: v.every, gamma }, v.lr, ours) : smooth];
}

/** Whole T_mult only; every cycle at the full rate, for ever. */
function restarts(v: PlainValues): Native {
  const { lr, eta_min, T_0, T_mult } = v;
  const whole = Number.isInteger(T_mult);
  const rate: Schedule = (t) => {
    let [position, length] = [t, T_0];
    if (T_mult === 1) position = t % T_0;
    else while (position >= length) [position, length] = [position - length, length * T_mult];
    return eta_min + (lr - eta_min) * (1 + Math.cos(Math.PI * position / length)) / 2;
  };
  const lacks = [
    ...(v.lr_decay === 1 ? [] : ["does not decay over cycles"]),
    ...(v.cycle_limit === null ? [] : ["restarts for ever"]),
    ...(v.inclusive_end ? ["never reaches eta_min"] : []),
  ];
  return native(
    "CosineAnnealingWarmRestarts",
    { T_0, T_mult, eta_min },
    lr,
    whole ? rate : null,
    `CosineAnnealingWarmRestarts ${whole ? lacks.join(" and ") : "takes whole T_mult only"}`,
  );
}

function oneCycle(v: PlainValues, ours: Schedule): Native {
  const { max_lr, duration, pct_start, div_factor, final_div_factor, three_phase } = v;
  const initial = max_lr / div_factor;
  const last = initial / final_div_factor;
  const from = three_phase ? [initial, 2 * pct_start * duration - 2] : [max_lr, pct_start * duration - 1];
  // torch 1.13 evaluates one step past the end in the last phase, and refuses the ones after it.
  const past = (t: number) => {
    const p = (t - from[1]!) / (duration - 1 - from[1]!);
    return v.anneal === "cos"
      ? last + (from[0]! - last) * (1 + Math.cos(Math.PI * p)) / 2
      : from[0]! + (last - from[0]!) * p;
  };
  const divides = pct_start * duration === 1;
  return native(
    "OneCycleLR",
    {
      max_lr,
      total_steps: duration,
      pct_start,
      anneal_strategy: v.anneal,
      div_factor,
      final_div_factor,
      three_phase,
      ...momenta(v),
    },
    max_lr,
    divides ? null : (t) => t < duration ? ours(t) : t === duration ? past(t) : NaN,
    divides
      ? "OneCycleLR divides by zero at pct_start * total_steps = 1"
      : "OneCycleLR rebounds one step past total_steps, and then refuses",
  );
}

/** A linear warmup by SequentialLR and LinearLR around a scheduler of torch's own. */
function sequential(v: PlainValues, ours: Schedule, shape: RunShape): Native[] {
  const then: ScheduleSpec = v.then;
  const [inner] = then.update === "epoch" || then.name === "warmup"
    ? []
    : pytorchNatives(then, shape, (t) => ours(t + v.duration));
  if (v.shape !== "linear" || v.skip_zero || v.duration === 0 || inner === undefined) return [];
  if (["one_cycle", "cyclic"].includes(then.name)) return []; // they set the optimizer's rate themselves
  const base = inner.base!;
  const first = v.from / base;
  const call = [
    "SequentialLR(optimizer, [",
    `    LinearLR(optimizer, ${kwargs({ start_factor: first, total_iters: v.duration })}),`,
    `    ${inner.call},`,
    `], milestones=[${v.duration}])`,
  ].join("\n");
  const rate = inner.rate;
  const refused = !(first > 0 && first <= 1);
  return [{
    call,
    imports: ["from torch.optim.lr_scheduler import SequentialLR, LinearLR", ...inner.imports],
    base,
    rate: refused || rate === null ? null : (t) => t < v.duration ? ours(t) : rate(t - v.duration),
    why: refused
      ? `LinearLR ${
        first === 0 ? "divides by zero at start_factor 0" : "only rises to the optimizer's own rate"
      }`
      : inner.why,
  }];
}
