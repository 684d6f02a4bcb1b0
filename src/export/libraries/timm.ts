import type { Schedule } from "#schedules/schedule.ts";
import { type Arguments, define } from "../python/arguments.ts";
import { type Scheduler, scheduler } from "../python/evaluate.ts";
import { timmPlateau } from "./plateau.ts";

/**
 * A linear warmup to `peak`, under the schedule that goes on from step 0 unless `warmup_prefix`. The first update has the
 * optimizer's own rate (or the warmup's first), whatever the schedule says.
 */
function warmed(v: Arguments, rate: Schedule, peak = v.optimizer().base): Scheduler {
  const [warmup, from] = [v.number("warmup_t"), v.number("warmup_lr_init")];
  const shift = v.flag("warmup_prefix") ? warmup : 0;
  const first = warmup > 0 ? from : v.optimizer().base;
  return scheduler((t) => t === 0 ? first : t < warmup ? from + t * (peak - from) / warmup : rate(t - shift));
}

/** Descents of `shape` (1 at progress 0) in cycles, which are found by a logarithm and not rounded. */
function cycled(v: Arguments, shape: (position: number, length: number) => number): Schedule {
  const { base } = v.optimizer();
  const [first, low, limit] = [v.number("t_initial"), v.number("lr_min"), v.number("cycle_limit")];
  const [m, decay] = [v.number("cycle_mul"), v.number("cycle_decay")];
  return (t) => {
    const cycle = m === 1
      ? Math.floor(t / first)
      : Math.floor(Math.log(1 - t / first * (1 - m)) / Math.log(m));
    if (cycle >= limit) return low;
    const start = m === 1 ? cycle * first : (1 - m ** cycle) / (1 - m) * first;
    return low + (base * decay ** cycle - low) * shape(t - start, first * m ** cycle);
  };
}

function cosine(v: Arguments): Scheduler {
  const k = v.number("k_decay");
  return warmed(
    v,
    cycled(v, (position, length) => (1 + Math.cos(Math.PI * position ** k / length ** k)) / 2),
  );
}

function polynomial(v: Arguments): Scheduler {
  const [k, power] = [v.number("k_decay"), v.number("power")];
  return warmed(v, cycled(v, (position, length) => (1 - position ** k / length ** k) ** power));
}

/** Without `warmup_prefix` its warmup rises to the rate that the curve has there. */
function tanh(v: Arguments): Scheduler {
  const [low, high] = [v.number("lb"), v.number("ub")];
  const rate = cycled(v, (position, length) => {
    const progress = position / length;
    return (1 - Math.tanh(low * (1 - progress) + high * progress)) / 2;
  });
  return warmed(v, rate, v.flag("warmup_prefix") ? v.optimizer().base : rate(v.number("warmup_t")));
}

function step(v: Arguments): Scheduler {
  const { base } = v.optimizer();
  return warmed(v, (t) => base * v.number("decay_rate") ** Math.floor(t / v.number("decay_t")));
}

/** A milestone counts one step early. */
function multiStep(v: Arguments): Scheduler {
  const [{ base }, milestones] = [v.optimizer(), v.numbers("decay_t")];
  return warmed(v, (t) => base * v.number("decay_rate") ** milestones.filter((at) => at <= t + 1).length);
}

const NOISE = "noise_range_t=None, noise_pct=0.67, noise_std=1.0, noise_seed=42";
const CYCLES = "lr_min=0.0, cycle_mul=1.0, cycle_decay=1.0, cycle_limit=1";
const warmup = (prefix: "True" | "False") =>
  `warmup_t=0, warmup_lr_init=0.0, warmup_prefix=${prefix}, t_in_epochs=True`;

/** Schedulers of timm 1.0. With `t_in_epochs` a step of theirs is an epoch. */
export const TIMM = [
  define(
    `CosineLRScheduler(optimizer, t_initial, ${CYCLES}, ${warmup("False")}, ${NOISE}, k_decay=1.0)`,
    cosine,
  ),
  define(
    `PolyLRScheduler(optimizer, t_initial, power=0.5, ${CYCLES}, ${warmup("False")}, ${NOISE}, k_decay=1.0)`,
    polynomial,
  ),
  define(
    `TanhLRScheduler(optimizer, t_initial, lb=-7.0, ub=3.0, ${CYCLES}, ${warmup("False")}, ${NOISE})`,
    tanh,
  ),
  define(`StepLRScheduler(optimizer, decay_t, decay_rate=1.0, ${warmup("True")}, ${NOISE})`, step),
  define(`MultiStepLRScheduler(optimizer, decay_t, decay_rate=1.0, ${warmup("True")}, ${NOISE})`, multiStep),
  define(
    "PlateauLRScheduler(optimizer, decay_rate=0.1, patience_t=10, threshold=0.0001, cooldown_t=0, warmup_t=0, " +
      'warmup_lr_init=0.0, lr_min=0.0, mode="max", noise_range_t=None)',
    timmPlateau,
  ),
];
