import type { Schedule } from "#schedules/schedule.ts";
import { type Arguments, define } from "../python/arguments.ts";
import { Refusal, type Scheduler } from "../python/evaluate.ts";
import { greedyLR } from "./greedy.ts";
import { torchPlateau } from "./plateau.ts";

/** A factor of the optimizer's rate. */
function scaled(v: Arguments, factor: Schedule): Scheduler {
  const { base } = v.optimizer();
  return { kind: "scheduler", rate: (t) => base * factor(t) };
}

/** A linear warmup from 0, then `factor` of the fraction of the rest that is done. */
function warmed(v: Arguments, factor: Schedule): Scheduler {
  const [warmup, total] = [v.number("num_warmup_steps"), v.number("num_training_steps")];
  const rest = Math.max(1, total - warmup);
  return scaled(v, (t) => t < warmup ? t / Math.max(1, warmup) : factor((t - warmup) / rest));
}

const wave = (v: Arguments): Schedule => {
  const cycles = v.number("num_cycles");
  return (progress) => 0.5 * (1 + Math.cos(Math.PI * cycles * 2 * progress));
};

function minRate(v: Arguments): number {
  const [rate, ratio] = [v.numberOrNone("min_lr"), v.numberOrNone("min_lr_rate")];
  if ((rate === null) === (ratio === null)) {
    throw new Refusal("exactly one of min_lr and min_lr_rate is needed");
  }
  return ratio ?? rate! / v.optimizer().base;
}

function hardRestarts(v: Arguments): Scheduler {
  const cycles = v.number("num_cycles");
  return warmed(
    v,
    (progress) => progress >= 1 ? 0 : Math.max(0, 0.5 * (1 + Math.cos(Math.PI * ((cycles * progress) % 1)))),
  );
}

function polynomial(v: Arguments): Scheduler {
  const { base } = v.optimizer();
  const [end, power] = [v.number("lr_end"), v.number("power")];
  if (!(base > end)) throw new Refusal("lr_end must be smaller than the optimizer's rate");
  return warmed(
    v,
    (progress) => progress > 1 ? end / base : ((base - end) * (1 - progress) ** power + end) / base,
  );
}

function inverseSqrt(v: Arguments): Scheduler {
  const warmup = v.number("num_warmup_steps");
  const timescale = v.numberOrNone("timescale") ?? (warmup || 10_000);
  return scaled(
    v,
    (t) => t < warmup ? t / Math.max(1, warmup) : 1 / Math.sqrt((t + timescale - warmup) / timescale),
  );
}

/** Its warmup starts at one step, or at `warmup_lr_rate`, and its cosine is one step ahead. */
function cosineWarmupWithMinRate(v: Arguments): Scheduler {
  const [warmup, total] = [v.number("num_warmup_steps"), v.number("num_training_steps")];
  const [low, start, curve] = [minRate(v), v.numberOrNone("warmup_lr_rate"), wave(v)];
  return scaled(v, (t) => {
    if (t < warmup) {
      return start === null
        ? (t + 1) / Math.max(1, warmup)
        : start + (1 - start) * t / Math.max(1, warmup - 1);
    }
    return Math.max(0, curve((t - warmup + 1) / Math.max(1, total - warmup)) * (1 - low) + low);
  });
}

function warmupStableDecay(v: Arguments): Scheduler {
  const [warmup, decay] = [v.number("num_warmup_steps"), v.number("num_decay_steps")];
  const total = v.numberOrNone("num_training_steps");
  const stable = v.numberOrNone("num_stable_steps") ?? (total === null ? null : total - warmup - decay);
  if (stable === null) throw new Refusal("num_training_steps or num_stable_steps is needed");
  const [low, curve] = [v.number("min_lr_ratio"), wave(v)];
  const rises: Readonly<Record<string, Schedule>> = {
    linear: (p) => p,
    cosine: (p) => 0.5 * (1 - Math.cos(Math.PI * p)),
    "1-sqrt": (p) => 1 - Math.sqrt(1 - p),
  };
  const falls: Readonly<Record<string, Schedule>> = {
    linear: (p) => 1 - p,
    cosine: curve,
    "1-sqrt": (p) => 1 - Math.sqrt(p),
  };
  const [rise, fall] = [rises[v.text("warmup_type")], falls[v.text("decay_type")]];
  if (!rise || !fall) throw new Refusal("get_wsd_schedule knows linear, cosine and 1-sqrt");
  const raised = (factor: number) => Math.max(0, factor * (1 - low) + low);
  return scaled(v, (t) => {
    if (t < warmup) return raised(rise(t / Math.max(1, warmup)));
    if (t < warmup + stable) return 1;
    if (t < warmup + stable + decay) return raised(fall((t - warmup - stable) / Math.max(1, decay)));
    return low;
  });
}

const STEPS = "optimizer, num_warmup_steps, num_training_steps";

/** Schedules of transformers' `optimization.py`. */
export const TRANSFORMERS = [
  define("get_constant_schedule(optimizer, last_epoch=-1)", (v) => scaled(v, () => 1)),
  define("get_constant_schedule_with_warmup(optimizer, num_warmup_steps, last_epoch=-1)", (v) => {
    const warmup = v.number("num_warmup_steps");
    return scaled(v, (t) => t < warmup ? t / Math.max(1, warmup) : 1);
  }),
  define(
    `get_linear_schedule_with_warmup(${STEPS}, last_epoch=-1)`,
    (v) => warmed(v, (progress) => Math.max(0, 1 - progress)),
  ),
  define(`get_cosine_schedule_with_warmup(${STEPS}, num_cycles=0.5, last_epoch=-1)`, (v) => {
    const curve = wave(v);
    return warmed(v, (progress) => Math.max(0, curve(progress)));
  }),
  define(
    `get_cosine_with_hard_restarts_schedule_with_warmup(${STEPS}, num_cycles=1, last_epoch=-1)`,
    hardRestarts,
  ),
  define(
    `get_polynomial_decay_schedule_with_warmup(${STEPS}, lr_end=0.0000001, power=1.0, last_epoch=-1)`,
    polynomial,
  ),
  define(
    "get_inverse_sqrt_schedule(optimizer, num_warmup_steps, timescale=None, last_epoch=-1)",
    inverseSqrt,
  ),
  define(
    `get_cosine_with_min_lr_schedule_with_warmup(${STEPS}, num_cycles=0.5, last_epoch=-1, min_lr=None, ` +
      "min_lr_rate=None)",
    (v) => {
      const [low, curve] = [minRate(v), wave(v)];
      return warmed(v, (progress) => Math.max(0, curve(progress) * (1 - low) + low));
    },
  ),
  define(
    `get_cosine_with_min_lr_schedule_with_warmup_lr_rate(${STEPS}, num_cycles=0.5, last_epoch=-1, min_lr=None, ` +
      "min_lr_rate=None, warmup_lr_rate=None)",
    cosineWarmupWithMinRate,
  ),
  define(
    "get_wsd_schedule(optimizer, num_warmup_steps, num_decay_steps, num_training_steps=None, num_stable_steps=None, " +
      'warmup_type="linear", decay_type="cosine", min_lr_ratio=0.0, num_cycles=0.5, last_epoch=-1)',
    warmupStableDecay,
  ),
  define(
    'get_greedy_schedule(optimizer, mode="min", factor=0.95, patience=10, threshold=0.000001, threshold_mode="abs", ' +
      "cooldown=0, warmup=0, min_lr=0.001, max_lr=1.0, eps=0.00000001, smooth=False, window_size=50, reset_start=500)",
    greedyLR,
  ),
  define(
    'get_reduce_on_plateau_schedule(optimizer, mode="min", factor=0.1, patience=10, threshold=0.0001, ' +
      'threshold_mode="rel", cooldown=0, min_lr=0.0, eps=0.00000001)',
    torchPlateau,
  ),
];
