import type { Evaluations } from "../frameworks/exports.ts";
import { kwargs } from "../frameworks/python.ts";
import type { Plain } from "../param_types.ts";
import type { PARAMS } from "./formula.ts";
import { timmArguments } from "./program.ts";

type Plateau = Plain<typeof PARAMS>;

const EARLIER = "reduces after `patience` bad evaluations, not after more";

/** Each library's plateau with the same numbers; `null` where the reductions scale another schedule. */
export function evaluations(v: Plateau): Evaluations | null {
  if (v.scales !== null) return null;
  const { mode, factor, patience, threshold, threshold_mode, cooldown, min_lr } = v;
  const monitor = v.metric === "validation_loss" ? "val_loss" : "val_accuracy";
  const relative = threshold_mode === "rel";
  const torch = kwargs({ mode, factor, patience, threshold, threshold_mode, cooldown, min_lr });
  const keras = kwargs({ monitor, mode, factor, patience, min_delta: threshold, cooldown, min_lr });
  const optax = kwargs({ factor, patience, [relative ? "rtol" : "atol"]: threshold, cooldown });
  const timm = timmArguments(v);
  const differs = relative && threshold !== 0 ? ", and its min_delta is a difference" : "";
  return {
    metrics: metricsOf(v),
    lookalikes: {
      pytorch: { call: `ReduceLROnPlateau(optimizer, ${torch})`, why: "" },
      keras: {
        call: `keras.callbacks.ReduceLROnPlateau(${keras})`,
        why: `Keras ${EARLIER}, and ignores one evaluation of the cooldown${differs}`,
      },
      optax: {
        call: `optax.contrib.reduce_on_plateau(${optax})`,
        why: `optax ${EARLIER}${mode === "max" ? ", and watches for smaller values only" : ""}`,
      },
      timm: {
        call: `PlateauLRScheduler(optimizer, ${timm})`,
        why: relative ? "" : "PlateauLRScheduler takes its threshold as a fraction of the best value",
      },
      transformers: { call: `get_reduce_on_plateau_schedule(optimizer, ${torch})`, why: "" },
    },
  };
}

/** Most evaluations of the comparison. */
const MOST = 600;

/**
 * A metric that moves: it improves, stalls, improves while it may be cooling down, gets worse for as long, improves by
 * less than the threshold for as long, and stalls again. Between 0 and 1, upwards where a larger value is better.
 */
function metricsOf({ mode, patience, cooldown, threshold }: Plateau): number[] {
  const stall = Math.min(Math.ceil(MOST / 6), patience + cooldown + 2);
  const fill = (value: number, count: number) => Array.from({ length: count }, () => value);
  const small = Math.min(threshold, 0.01) / (4 * stall);
  const falling = [
    0.9,
    0.8,
    0.7,
    ...fill(0.7, stall),
    0.6,
    ...fill(0.65, stall),
    ...fill(0.62, 2),
    0.5,
    ...Array.from({ length: stall }, (_, index) => 0.5 * (1 - small * (index + 1))),
    0.4,
    ...fill(0.4, 2 * stall),
  ];
  return mode === "min" ? falling : falling.map((value) => 1 - value);
}
