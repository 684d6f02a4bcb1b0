import type { PlainValues } from "#schedules/resolve.ts";
import { halfCosine, linearIn } from "./expressions.ts";
import { py } from "./framework.ts";
import type { Style } from "./style.ts";

/** The body of one cycle, for the rate or for the momentum. */
export function oneCyclePhases(v: PlainValues, what: "rate" | "momentum", style: Style): string[] {
  const first = v.max_lr / v.div_factor;
  const [low, peak, end] = what === "rate"
    ? [first, v.max_lr, first / v.final_div_factor]
    : [v.max_momentum, v.base_momentum, v.max_momentum];
  const top = v.pct_start * v.duration - 1;
  const ends = v.three_phase
    ? [top, 2 * v.pct_start * v.duration - 2, v.duration - 1]
    : [top, v.duration - 1];
  const values = v.three_phase ? [low, peak, low, end] : [low, peak, end];
  const phases = ends
    .map((to, phase) => ({
      from: phase === 0 ? 0 : ends[phase - 1]!,
      to,
      start: values[phase]!,
      stop: values[phase + 1]!,
    }))
    .filter(({ from, to }) => to > from);
  const lines = phases.map(({ from, to, start, stop }, index) => {
    const elapsed = from === 0 ? "t" : `(t - ${py(from)})`;
    const progress = `${elapsed} / ${py(to - from)}`;
    const value = v.anneal === "cos"
      ? halfCosine(start, stop, progress, style)
      : linearIn(start, stop - start, progress);
    return `phase_${index + 1} = ${value}`;
  });
  const chosen = phases.reduceRight(
    (rest, { to }, index) => style.where(`t <= ${py(to)}`, `phase_${index + 1}`, rest),
    py(end),
  );
  return [...lines, `return ${chosen}`];
}
