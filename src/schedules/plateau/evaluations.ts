import type { Evaluations } from "../frameworks/exports.ts";
import type { Plain } from "../param_types.ts";
import { kwargs } from "../frameworks/python.ts";
import type { Schedule } from "../schedule.ts";
import type { PARAMS } from "./formula.ts";

type Plateau = Plain<typeof PARAMS>;

/** Each library's plateau with the same numbers; `null` where the reductions scale another schedule. */
export function evaluations(v: Plateau, ours: Schedule): Evaluations | null {
  if (v.scales !== null) return null;
  const { mode, factor, patience, threshold, threshold_mode, cooldown, min_lr } = v;
  const torch = kwargs({ mode, factor, patience, threshold, threshold_mode, cooldown, min_lr });
  const keras = kwargs({
    monitor: "val_loss",
    mode,
    factor,
    patience,
    min_delta: threshold,
    cooldown,
    min_lr,
  });
  const optax = kwargs({
    factor,
    patience,
    [threshold_mode === "rel" ? "rtol" : "atol"]: threshold,
    cooldown,
  });
  const timm = kwargs({ decay_rate: factor, patience_t: patience, cooldown_t: cooldown, threshold });
  return {
    count: 3 * (patience + cooldown + 2),
    lookalikes: {
      pytorch: { call: `ReduceLROnPlateau(optimizer, ${torch})`, rate: ours, why: "" },
      keras: {
        call: `keras.callbacks.ReduceLROnPlateau(${keras})`,
        rate: kerasRate(v),
        why:
          "Keras reduces after `patience` bad evaluations, not after more, and ignores one evaluation of the cooldown",
      },
      optax: {
        call: `optax.contrib.reduce_on_plateau(${optax})`,
        rate: optaxRate(v),
        why: "optax reduces after `patience` bad evaluations, not after more",
      },
      timm: { call: `PlateauLRScheduler(optimizer, ${timm})`, rate: ours, why: "" },
      transformers: { call: `get_reduce_on_plateau_schedule(optimizer, ${torch})`, rate: ours, why: "" },
    },
  };
}

/** Counts of a flat metric in Keras: the evaluation that ends the cooldown already counts as bad. */
function kerasRate({ lr, factor, patience, cooldown, min_lr }: Plateau): Schedule {
  return (t) => {
    let [rate, bad, cooling] = [lr!, 0, 0];
    for (let evaluation = 1; evaluation <= t; evaluation++) {
      if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
      if (cooling > 0 || ++bad < patience) continue;
      [rate, bad, cooling] = [Math.max(rate * factor, min_lr), 0, cooldown];
    }
    return rate;
  };
}

function optaxRate({ lr, factor, patience, cooldown, min_lr }: Plateau): Schedule {
  return (t) => {
    let [rate, bad, cooling] = [lr!, 0, 0];
    for (let evaluation = 1; evaluation <= t; evaluation++) {
      if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
      else if (++bad >= patience) [rate, bad, cooling] = [Math.max(rate * factor, min_lr), 0, cooldown];
    }
    return rate;
  };
}
