import type { RunShape } from "#lib/duration.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { type PlainValues, plainValues } from "#schedules/resolve.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { kwargs } from "./framework.ts";

/** How a framework writes a plateau with the same numbers, and its rate after evaluation `t` of a flat metric. */
export interface PlateauDialect {
  readonly framework: string;
  readonly call: string;
  readonly rate: Schedule;
  readonly why: string;
}

/** A metric that improves once and then never again: what sets the counts of evaluations apart. */
const FLAT = 1;

/** Plateaus are compared over evaluations of a flat metric: ours, then each framework's. */
export function plateauDialects(
  spec: ScheduleSpec,
  shape: RunShape,
): { ours: Schedule; evaluations: number; dialects: PlateauDialect[] } {
  const v = plainValues(spec, shape);
  const ours = overEvaluations(spec, shape);
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
  return {
    ours,
    evaluations: 3 * (patience + cooldown + 2),
    dialects: [
      { framework: "PyTorch", call: `ReduceLROnPlateau(optimizer, ${torch})`, rate: ours, why: "" },
      {
        framework: "Keras",
        call: `keras.callbacks.ReduceLROnPlateau(${keras})`,
        rate: kerasRate(v),
        why:
          "Keras reduces after `patience` bad evaluations, not after more, and ignores one evaluation of the cooldown",
      },
      {
        framework: "optax",
        call: `optax.contrib.reduce_on_plateau(${optax})`,
        rate: optaxRate(v),
        why: "optax reduces after `patience` bad evaluations, not after more",
      },
      {
        framework: "timm",
        call: `PlateauLRScheduler(optimizer, ${
          kwargs({ decay_rate: factor, patience_t: patience, cooldown_t: cooldown, threshold })
        })`,
        rate: ours,
        why: "",
      },
      {
        framework: "transformers",
        call: `get_reduce_on_plateau_schedule(optimizer, ${torch})`,
        rate: ours,
        why: "",
      },
    ],
  };
}

/** The rate after evaluation t, for every t up to the last one asked for. */
function overEvaluations(spec: ScheduleSpec, shape: RunShape): Schedule {
  const feedback = buildSchedule(spec, shape).feedback!;
  return (t) => {
    let state = feedback.init();
    for (let evaluation = 0; evaluation <= t; evaluation++) {
      state = feedback.observe(state, { step: evaluation, loss: FLAT, metric: FLAT });
    }
    return feedback.at(state, t);
  };
}

/** Counts of a flat metric in Keras: the evaluation that ends the cooldown already counts as bad. */
function kerasRate({ lr, factor, patience, cooldown, min_lr }: PlainValues): Schedule {
  return (t) => {
    let [rate, bad, cooling] = [lr, 0, 0];
    for (let evaluation = 1; evaluation <= t; evaluation++) {
      if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
      if (cooling > 0 || ++bad < patience) continue;
      [rate, bad, cooling] = [Math.max(rate * factor, min_lr), 0, cooldown];
    }
    return rate;
  };
}

function optaxRate({ lr, factor, patience, cooldown, min_lr }: PlainValues): Schedule {
  return (t) => {
    let [rate, bad, cooling] = [lr, 0, 0];
    for (let evaluation = 1; evaluation <= t; evaluation++) {
      if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
      else if (++bad >= patience) [rate, bad, cooling] = [Math.max(rate * factor, min_lr), 0, cooldown];
    }
    return rate;
  };
}
