import type { Exports, Native, NativeRun, Ramp } from "../frameworks/exports.ts";
import { fastaiNative, kerasNative, torchNative, transformersNative } from "../frameworks/native.ts";
import { optaxCosine, optaxJoin } from "../frameworks/optax.ts";
import type { Plain } from "../param_types.ts";
import { real } from "../frameworks/python.ts";
import type { RunShape } from "../schedule.ts";
import { timmCosine } from "../frameworks/timm.ts";
import { NO_RAMP } from "../frameworks/transformers.ts";
import { body, cycleStarts } from "./body.ts";
import type { PARAMS } from "./formula.ts";

type Restarts = Plain<typeof PARAMS>;

export const EXPORTS: Exports<typeof PARAMS> = {
  body,
  optax: (v, { shape }) => joinedCosines(v, shape.totalSteps),
  natives: {
    pytorch: (v) => [warmRestarts(v)],
    keras: (v) => [decayRestarts(v)],
    timm: (v, { shape }) => timmRestarts(v, NO_RAMP, shape),
    fastai: fitSgdr,
    transformers: (v, { shape }) => [hardRestarts(v, NO_RAMP, shape)],
  },
  warmedUp: {
    timm: (v, ramp) => timmRestarts(v, ramp, ramp.shape),
    transformers: (v, ramp) => [hardRestarts(v, ramp, ramp.shape)],
  },
};

/** torch takes whole T_mult only; every cycle has the full rate, and there is no last one. */
function warmRestarts(v: Restarts): Native {
  const { lr, eta_min, T_0, T_mult } = v;
  const whole = Number.isInteger(T_mult) && T_mult >= 1;
  const lacks = [
    ...(v.lr_decay === 1 ? [] : ["does not decay over cycles"]),
    ...(v.cycle_limit === null ? [] : ["restarts for ever"]),
    ...(v.inclusive_end ? ["never reaches eta_min"] : []),
    ...(v.warmup === null ? [] : ["has no warmup in its cycles"]),
  ];
  return torchNative(
    "CosineAnnealingWarmRestarts",
    { T_0, T_mult, eta_min },
    lr,
    `CosineAnnealingWarmRestarts ${whole ? lacks.join(" and ") : "takes whole T_mult only"}`,
  );
}

/** Keras: the cycle by a logarithm, boundaries not rounded, and a minimum that does not decay with the maximum. */
function decayRestarts(v: Restarts): Native {
  const { lr, eta_min, T_0, T_mult, lr_decay } = v;
  const alpha = eta_min / lr;
  const whys = [
    ...(T_mult === 1 ? [] : ["finds the cycle by a logarithm and does not round its boundaries"]),
    ...(lr_decay === 1 || !v.decay_min ? [] : ["does not decay the minimum"]),
    ...(v.warmup === null ? [] : ["has no warmup in its cycles"]),
    ...(v.cycle_limit === null ? [] : ["restarts for ever"]),
    ...(v.inclusive_end ? ["never reaches the minimum"] : []),
  ];
  return kerasNative(
    "CosineDecayRestarts",
    { initial_learning_rate: lr, first_decay_steps: T_0, t_mul: T_mult, m_mul: lr_decay, alpha },
    `CosineDecayRestarts ${whys.join(" and ")}`,
  );
}

/** Cycles that begin in so many steps and the one after them, if all are as long as the first. */
const cycleCount = ({ T_0 }: Restarts, steps: number): number => Math.max(1, Math.floor(steps / T_0) + 1);

function timmRestarts(v: Restarts, ramp: Pick<Ramp, "steps" | "from">, { totalSteps }: RunShape): Native[] {
  return timmCosine({
    lr: v.lr,
    eta_min: v.eta_min,
    first: v.T_0,
    cycles: {
      multiplier: v.T_mult,
      decay: v.lr_decay,
      limit: v.cycle_limit ?? cycleCount(v, totalSteps),
      inclusiveEnd: v.inclusive_end,
      decaysMinimum: v.decay_min,
      warmsUp: v.warmup !== null,
    },
  }, ramp);
}

function hardRestarts(v: Restarts, ramp: Pick<Ramp, "steps">, { totalSteps }: RunShape): Native {
  const num_cycles = v.cycle_limit ?? cycleCount(v, totalSteps - ramp.steps);
  const length = num_cycles * v.T_0;
  const plain = v.T_mult === 1 && v.eta_min === 0 && v.lr_decay === 1 && v.warmup === null;
  return transformersNative(
    "get_cosine_with_hard_restarts_schedule_with_warmup",
    { num_warmup_steps: ramp.steps, num_training_steps: length + ramp.steps, num_cycles },
    v.lr,
    plain
      ? "the hard restarts of transformers find the cycle by a floating-point remainder"
      : "the hard restarts of transformers are equally long, end at 0 and do not decay",
  );
}

/** fastai counts cycles in whole epochs, and ends the training with the last one. */
function fitSgdr(v: Restarts, { shape }: NativeRun): Native[] {
  const cycle_len = v.T_0 / shape.stepsPerEpoch;
  if (!Number.isInteger(cycle_len) || v.T_mult === 1) return [];
  const starts = cycleStarts(v, shape.totalSteps);
  const values = { n_cycles: starts.length - 1, cycle_len, lr_max: v.lr, cycle_mult: v.T_mult };
  const why =
    "fit_sgdr ends every cycle at 0, does not decay over cycles, and trains the last cycle to its end";
  return [fastaiNative("fit_sgdr", values, why)];
}

/** One cosine of optax a cycle, over the cycles of the run. Boundaries are numbers, so T_mult may be any real one. */
function joinedCosines(v: Restarts, totalSteps: number): string | null {
  if (v.warmup !== null) return null;
  const starts = cycleStarts(v, totalSteps);
  const lengths = starts.slice(1).map((end, cycle) => end - starts[cycle]!);
  const spans = lengths.map((length) => v.inclusive_end ? Math.max(1, length - 1) : length);
  const decaysMinimum = v.decay_min || v.lr_decay === 1;
  if (lengths.length > 8 && v.T_mult === 1 && !decaysMinimum) return null;
  if (lengths.length <= 8 || v.T_mult !== 1) {
    return optaxJoin(
      spans.map((span, cycle) =>
        optaxCosine(v.lr * v.lr_decay ** cycle, v.eta_min * (decaysMinimum ? v.lr_decay ** cycle : 1), span)
      ),
      lengths.slice(0, -1),
    );
  }
  const init = v.lr_decay === 1 ? real(v.lr) : `${real(v.lr)} * ${real(v.lr_decay)} ** k`;
  return [
    "optax.join_schedules(",
    `    [optax.cosine_decay_schedule(${init}, decay_steps=${spans[0]}, alpha=${
      real(v.eta_min / v.lr)
    }) for k in range(${lengths.length})],`,
    `    boundaries=list(range(${v.T_0}, ${v.T_0 * lengths.length}, ${v.T_0})))`,
  ].join("\n");
}
