import type { Native, Ramp } from "./exports.ts";
import { timmNative } from "./native.ts";
import type { Schedule } from "../schedule.ts";

/** Cosine descents as timm's CosineLRScheduler takes them; without `cycles` a single one. */
export interface TimmCosine {
  readonly lr: number;
  readonly eta_min: number;
  /** Length of the first descent in steps. */
  readonly first: number;
  /** Power of the time within a cycle; 1 where left out. */
  readonly k_decay?: number;
  readonly cycles?: {
    readonly multiplier: number;
    readonly decay: number;
    readonly limit: number;
    readonly inclusiveEnd: boolean;
    /** True where the minimum is to decay too, which timm's does not. */
    readonly decaysMinimum?: boolean;
    /** True where every cycle is to begin with a rise, which timm's do not. */
    readonly warmsUp?: boolean;
  };
}

/**
 * timm's CosineLRScheduler: it finds the cycle by a logarithm, does not round boundaries, and has the same `lr_min` in
 * every cycle.
 */
export function timmCosine(
  { lr, eta_min, first, k_decay = 1, cycles }: TimmCosine,
  { steps: warmup, from }: Pick<Ramp, "steps" | "from">,
): Native {
  const {
    multiplier = 1,
    decay = 1,
    limit = 1,
    inclusiveEnd = false,
    decaysMinimum = true,
    warmsUp = false,
  } = cycles ?? {};
  const rate: Schedule = (t) => {
    if (t < warmup) return from + t * (lr - from) / warmup;
    const cycle = multiplier === 1
      ? Math.floor(t / first)
      : Math.floor(Math.log(1 - t / first * (1 - multiplier)) / Math.log(multiplier));
    if (cycle >= limit) return eta_min;
    const start = multiplier === 1 ? cycle * first : (1 - multiplier ** cycle) / (1 - multiplier) * first;
    const peak = lr * decay ** cycle;
    return eta_min +
      0.5 * (peak - eta_min) *
        (1 + Math.cos(Math.PI * ((t - start) / (first * multiplier ** cycle)) ** k_decay));
  };
  const whys = [
    ...(warmup > 0 ? ["counts the warmup as part of the first cycle unless warmup_prefix=True"] : []),
    ...(multiplier === 1 ? [] : ["finds the cycle by a logarithm and does not round its boundaries"]),
    ...(decay === 1 || !decaysMinimum ? [] : ["does not decay lr_min"]),
    ...(warmsUp ? ["warms up before the first cycle only"] : []),
    ...(inclusiveEnd ? ["never reaches lr_min within a cycle"] : []),
  ];
  return timmNative(
    "CosineLRScheduler",
    {
      t_initial: first,
      lr_min: eta_min,
      ...(k_decay === 1 ? {} : { k_decay }),
      ...(cycles === undefined ? {} : { cycle_mul: multiplier, cycle_decay: decay, cycle_limit: limit }),
      ...(warmup > 0 ? { warmup_t: warmup, warmup_lr_init: from } : {}),
    },
    rate,
    `CosineLRScheduler ${whys.join(" and ")}`,
  );
}
