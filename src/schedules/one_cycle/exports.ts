import { cosineBetween } from "../curves.ts";
import type { Exports, Native } from "../frameworks/exports.ts";
import { optaxNative, torchMomenta, torchNative } from "../frameworks/native.ts";
import type { Plain } from "../param_types.ts";
import { halfCosine, linearIn, py, type Style } from "../frameworks/python.ts";
import type { Schedule } from "../schedule.ts";
import { endsOf, oneCycle, type PARAMS } from "./formula.ts";

type OneCycle = Plain<typeof PARAMS>;

export const EXPORTS: Exports<typeof PARAMS> = {
  body: (v, { style }) => phases(v, "rate", style),
  momentum: (v, style) => phases(v, "momentum", style),
  natives: {
    pytorch: (v) => [oneCycleLR(v)],
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
    py(end),
  );
  return [...lines, `return ${chosen}`];
}

function oneCycleLR(v: OneCycle): Native {
  const { lr } = oneCycle({ ...v, inclusive_end: true });
  const { max_lr, duration, pct_start, div_factor, final_div_factor, three_phase } = v;
  const initial = max_lr / div_factor;
  const last = initial / final_div_factor;
  const from = three_phase ? [initial, 2 * pct_start * duration - 2] : [max_lr, pct_start * duration - 1];
  // torch 1.13 evaluates one step past the end in the last phase, and refuses the ones after it.
  const past = (t: number) => {
    const p = (t - from[1]!) / (duration - 1 - from[1]!);
    return v.anneal === "cos"
      ? last + (from[0]! - last) * (1 + Math.cos(Math.PI * p)) / 2
      : from[0]! + (last - from[0]!) * p;
  };
  const divides = pct_start * duration === 1;
  return {
    ...torchNative(
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
      divides ? null : (t) => t < duration ? lr(t) : t === duration ? past(t) : NaN,
      divides
        ? "OneCycleLR divides by zero at pct_start * total_steps = 1"
        : v.inclusive_end
        ? "OneCycleLR rebounds one step past total_steps, and then refuses"
        : "OneCycleLR peaks and ends one step earlier",
    ),
    setsRate: true,
  };
}

function onecycleSchedule(v: OneCycle): Native {
  const [peakAt, low] = [Math.floor(v.pct_start * v.duration), v.max_lr / v.div_factor];
  const end = low / v.final_div_factor;
  const rate: Schedule = (t) =>
    t < peakAt
      ? cosineBetween(low, v.max_lr, t / peakAt)
      : t < v.duration
      ? cosineBetween(v.max_lr, end, (t - peakAt) / (v.duration - peakAt))
      : end;
  return optaxNative(
    "cosine_onecycle_schedule",
    {
      transition_steps: v.duration,
      peak_value: v.max_lr,
      pct_start: v.pct_start,
      div_factor: v.div_factor,
      final_div_factor: v.final_div_factor,
    },
    v.anneal === "cos" ? rate : null,
    v.anneal === "cos"
      ? "cosine_onecycle_schedule peaks at int(pct_start * T) and ends at T, one step later each"
      : "linear_onecycle_schedule has three phases, the second up to pct_final",
  );
}
