import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type Found, inSteps, PLAIN, plain } from "./found.ts";

/** The part of the way down that is left at u of T steps, for u from 0 to T. */
export const DESCENTS: Readonly<Record<string, (u: number, T: number, power: number) => number>> = {
  linear: (u, T) => 1 - u / T,
  cosine: (u, T) => (1 + Math.cos(Math.PI * u / T)) / 2,
  polynomial: (u, T, power) => (1 - u / T) ** power,
  "1-sqrt": (u, T) => 1 - Math.sqrt(u / T),
};
export const RAMPS: Readonly<Record<string, (p: number) => number>> = {
  linear: (p) => p,
  cosine: (p) => (1 - Math.cos(Math.PI * p)) / 2,
};

/** A ramp of `warmup` steps, a flat part, a descent. */
export interface Curve {
  readonly descent: string;
  readonly ramp: string;
  readonly warmup: number;
  readonly stable: number;
  readonly length: number;
  readonly power: number;
  readonly from: number;
  readonly peak: number;
  readonly low: number;
}

/** The weights of first rate, highest and lowest rate in the rate of a step. */
export function partsAt(
  step: number,
  curve: Pick<Curve, "descent" | "ramp" | "warmup" | "stable" | "length" | "power">,
) {
  const { warmup, stable, length, power } = curve;
  if (step < warmup) {
    const up = RAMPS[curve.ramp]!(step / warmup);
    return [1 - up, up, 0] as const;
  }
  const into = step - warmup - stable;
  const left = into <= 0 ? 1 : into >= length ? 0 : DESCENTS[curve.descent]!(into, length, power);
  return [0, left, 1 - left] as const;
}

export const rateAt = (step: number, curve: Curve): number => {
  const [first, high, low] = partsAt(step, curve);
  return first * curve.from + high * curve.peak + low * curve.low;
};

/** A fitted curve as a schedule. */
export function asFound(curve: Curve): Found {
  const { warmup, stable, length, ramp, descent } = curve;
  const [from, lr, low] = [curve.from, curve.peak, curve.low].map((rate) =>
    Math.abs(rate) < 1e-7 * curve.peak ? 0 : plain(rate)
  ) as [number, number, number];
  const isOneCycle = warmup > 0 && ramp === "cosine" && descent === "cosine" && stable === 0;
  const name = isOneCycle
    ? "one-cycle"
    : stable > 0
    ? (warmup > 0 ? "warmup-stable-decay" : "stable-decay")
    : descent;
  return {
    ...PLAIN,
    family: isOneCycle || warmup === 0 || stable > 0 ? name : `warmup + ${descent}`,
    spec: isOneCycle ? oneCycle(curve, { from, lr, low }) : specOf(curve, { from, lr, low }),
    rate: (step) => rateAt(step, curve),
    parameters: {
      lr,
      ...(low === 0 ? {} : { minimum: low }),
      ...(warmup === 0 ? {} : { warmup: Math.round(warmup), from }),
      ...(stable === 0 ? {} : { stable: Math.round(stable) }),
      length: Math.round(length),
      ...(descent === "polynomial" ? { power: curve.power } : {}),
    },
    warmup,
    end: warmup + stable + length,
  };
}

interface Levels {
  readonly from: number;
  readonly lr: number;
  readonly low: number;
}

function oneCycle({ warmup, length }: Curve, { from, lr, low }: Levels): ScheduleSpec | null {
  if (!(from > 0 && low > 0)) return null;
  const duration = Math.round(warmup + length + 1);
  return {
    name: "one_cycle",
    max_lr: lr,
    duration: inSteps(duration),
    pct_start: plain((warmup + 1) / duration, 1e-3),
    div_factor: plain(lr / from, 1e-3),
    final_div_factor: plain(from / low, 1e-3),
    cycle_momentum: false,
  };
}

function specOf(curve: Curve, { from, lr, low }: Levels): ScheduleSpec | null {
  const { warmup, stable, length, ramp, descent, power } = curve;
  if (stable > 0 && descent === "polynomial") return null;
  const plainDescent: Readonly<Record<string, ScheduleSpec | null>> = {
    linear: { name: "linear", lr, end_lr: low, duration: inSteps(length) },
    cosine: { name: "cosine", lr, eta_min: low, T_max: inSteps(length) },
    polynomial: { name: "polynomial", lr, end_lr: low, duration: inSteps(length), power },
    "1-sqrt": null,
  };
  const then = stable === 0 ? plainDescent[descent] ?? null : {
    name: "wsd",
    lr,
    warmup: inSteps(0),
    stable: inSteps(stable),
    decay: inSteps(length),
    decay_shape: descent,
    min_ratio: plain(low / lr, 1e-4),
  };
  if (then === null || warmup === 0) return then;
  return {
    name: "warmup",
    duration: inSteps(warmup),
    ...(ramp === "linear" ? {} : { shape: ramp }),
    from,
    then,
  };
}
