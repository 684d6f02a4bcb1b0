import type { Native, Ramp } from "./exports.ts";
import { timmNative } from "./native.ts";

type Warmup = Pick<Ramp, "steps" | "from">;

/** timm's arguments for a linear warmup to the optimizer's rate. */
export const timmWarmup = ({ steps, from }: Warmup): Readonly<Record<string, unknown>> =>
  steps > 0 ? { warmup_t: steps, warmup_lr_init: from } : {};

/** A drop every so many steps. */
export const timmStep = (lr: number, every: number, rate: number, ramp: Warmup): Native =>
  timmNative("StepLRScheduler", { decay_t: every, decay_rate: rate, ...timmWarmup(ramp) }, lr);

/** A scheduler under a warmup, as it is by default, where the curve goes on meanwhile, and after it. */
export function timmUnderWarmup(
  name: string,
  values: Readonly<Record<string, unknown>>,
  lr: number,
  ramp: Warmup,
  whys: readonly string[],
): Native[] {
  if (ramp.steps === 0) return [timmNative(name, values, lr, `${name} ${whys.join(" and ")}`)];
  const counts = "counts the warmup as part of the descent unless warmup_prefix=True";
  const warmed = { ...values, ...timmWarmup(ramp) };
  return [
    timmNative(name, warmed, lr, `${name} ${[counts, ...whys].join(" and ")}`),
    timmNative(name, { ...warmed, warmup_prefix: true }, lr, `${name} ${whys.join(" and ")}`),
  ];
}

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
export function timmCosine({ lr, eta_min, first, k_decay = 1, cycles }: TimmCosine, ramp: Warmup): Native[] {
  const {
    multiplier = 1,
    decay = 1,
    limit = 1,
    inclusiveEnd = false,
    decaysMinimum = true,
    warmsUp = false,
  } = cycles ?? {};
  const values = {
    t_initial: first,
    lr_min: eta_min,
    ...(k_decay === 1 ? {} : { k_decay }),
    ...(cycles === undefined ? {} : { cycle_mul: multiplier, cycle_decay: decay, cycle_limit: limit }),
  };
  return timmUnderWarmup("CosineLRScheduler", values, lr, ramp, [
    ...(multiplier === 1 ? [] : ["finds the cycle by a logarithm and does not round its boundaries"]),
    ...(decay === 1 || !decaysMinimum ? [] : ["does not decay lr_min"]),
    ...(warmsUp ? ["warms up before the first cycle only"] : []),
    ...(inclusiveEnd ? ["never reaches lr_min within a cycle"] : []),
  ]);
}
