import type { Exports, Native, NativeRun } from "../frameworks/exports.ts";
import { fastaiNative, optaxNative, torchMomenta, torchNative } from "../frameworks/native.ts";
import type { Plain } from "../param_types.ts";
import { halfCosine, linearIn, py, real, type Style } from "../frameworks/python.ts";
import { endsOf, type PARAMS } from "./formula.ts";

type OneCycle = Plain<typeof PARAMS>;

export const EXPORTS: Exports<typeof PARAMS> = {
  body: (v, { style }) => phases(v, "rate", style),
  momentum: (v, style) => phases(v, "momentum", style),
  natives: {
    pytorch: (v) => [oneCycleLR(v)],
    fastai: fitOneCycle,
    optax: (v) => v.three_phase ? [] : [onecycleSchedule(v)],
  },
};

/** Lines for the rate or for the momentum: one a phase, then the choice between them. */
function phases(v: OneCycle, quantity: "rate" | "momentum", style: Style): string[] {
  const first = v.max_lr / v.div_factor;
  const [low, peak, end] = quantity === "rate"
    ? [first, v.max_lr, first / v.final_div_factor]
    : [v.max_momentum, v.base_momentum, v.max_momentum];
  const ends = endsOf(v);
  const values = v.three_phase ? [low, peak, low, end] : [low, peak, end];
  const parts = ends
    .map((to, phase) => ({
      from: phase === 0 ? 0 : ends[phase - 1]!,
      to,
      start: values[phase]!,
      stop: values[phase + 1]!,
    }))
    .filter(({ from, to }) => to > from);
  const lines = parts.map(({ from, to, start, stop }, index) => {
    const elapsed = from === 0 ? "t" : `(t - ${py(from)})`;
    const progress = `${elapsed} / ${py(to - from)}`;
    const value = v.anneal === "cos"
      ? halfCosine(start, stop, progress, style)
      : linearIn(start, stop - start, progress);
    return `phase_${index + 1} = ${value}`;
  });
  const chosen = parts.reduceRight(
    (rest, { to }, index) => style.where(`t <= ${py(to)}`, `phase_${index + 1}`, rest),
    real(end),
  );
  return [...lines, `return ${chosen}`];
}

/** fastai peaks at pct·T and ends at T, one step later each, and divides the highest rate by `div_final`. */
function fitOneCycle(v: OneCycle, { shape }: NativeRun): Native[] {
  if (v.anneal !== "cos" || v.three_phase) return [];
  const moms = v.cycle_momentum ? { moms: [v.max_momentum, v.base_momentum, v.max_momentum] } : {};
  const values = {
    n_epoch: Math.ceil(shape.totalSteps / shape.stepsPerEpoch),
    lr_max: v.max_lr,
    div: v.div_factor,
    div_final: v.div_factor * v.final_div_factor,
    pct_start: v.pct_start,
    ...moms,
  };
  return [
    fastaiNative(
      "fit_one_cycle",
      values,
      "fit_one_cycle peaks at pct * T and ends at T, one step later each",
    ),
  ];
}

function oneCycleLR(v: OneCycle): Native {
  const { max_lr, duration, pct_start, div_factor, final_div_factor, three_phase } = v;
  return torchNative(
    "OneCycleLR",
    {
      max_lr,
      total_steps: duration,
      pct_start,
      anneal_strategy: v.anneal,
      div_factor,
      final_div_factor,
      three_phase,
      ...torchMomenta(v),
    },
    max_lr,
    v.inclusive_end
      ? "OneCycleLR rebounds one step past total_steps, and then refuses"
      : "OneCycleLR peaks and ends one step earlier",
  );
}

function onecycleSchedule(v: OneCycle): Native {
  return optaxNative(
    v.anneal === "cos" ? "cosine_onecycle_schedule" : "linear_onecycle_schedule",
    {
      transition_steps: v.duration,
      peak_value: v.max_lr,
      pct_start: v.pct_start,
      div_factor: v.div_factor,
      final_div_factor: v.final_div_factor,
    },
    v.anneal === "cos"
      ? "cosine_onecycle_schedule peaks at int(pct_start * T) and ends at T, one step later each"
      : "linear_onecycle_schedule has three phases, the second up to pct_final",
  );
}
