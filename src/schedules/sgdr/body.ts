import { geometricStarts } from "../cycles.ts";
import type { FormulaWriter } from "../frameworks/exports.ts";
import type { Plain } from "../param_types.ts";
import { halfCosine, py, type Style } from "../frameworks/python.ts";
import type { PARAMS } from "./formula.ts";

type Restarts = Plain<typeof PARAMS>;

/** More steps than any run has that counts them by a 32-bit integer. */
const NEVER = 2 ** 31 - 1;

/** Lines of warm restarts, for the cycles of the writer's run. */
export function body(v: Restarts, { style, shape }: FormulaWriter): string[] {
  const { call } = style;
  const span = v.inclusive_end ? call("maximum", "length - 1", "1") : "length";
  const progress = `position / ${span}`;
  // Where the last cycle stays at its minimum, and where a cycle of one step has no span, progress goes past 1.
  const p = v.cycle_limit !== null || v.inclusive_end ? call("minimum", progress, "1") : progress;
  const wave = halfCosine(v.lr, v.eta_min, "p", style);
  return [
    ...(v.T_mult === 1 ? equalCycles(v, style) : growingCycles(v, style, shape.totalSteps)),
    `p = ${p}`,
    v.lr_decay === 1 ? `return ${wave}` : `return ${py(v.lr_decay)} ** k * (${wave})`,
  ];
}

/** Lines that set k, position and length by division. */
function equalCycles({ T_0, cycle_limit }: Restarts, { call }: Style): string[] {
  const cycle = cycle_limit === null ? `t // ${T_0}` : call("minimum", `t // ${T_0}`, py(cycle_limit - 1));
  return [`k = ${cycle}`, `position, length = t - ${T_0} * k, ${T_0}`];
}

/** Lines that set k, position and length by a list of the cycles' starts, which a formula would round elsewhere. */
function growingCycles(v: Restarts, style: Style, totalSteps: number): string[] {
  const limit: number = v.cycle_limit ?? Infinity;
  const starts = cycleStarts(v, totalSteps);
  const found = "position, length = t - start, end - start";
  if (starts.at(-1)! >= totalSteps) return [...style.find(starts), found];
  // The last cycle has no successor: its end is kept apart, so that the search stays within it.
  const end = starts.pop()!;
  return [
    ...style.find([...starts, NEVER]),
    `end = ${style.where(`k == ${limit - 1}`, py(end), "end")}`,
    found,
  ];
}

/** Starts of the cycles of a run, and the end of the last one. */
export function cycleStarts({ T_0, T_mult, cycle_limit }: Restarts, totalSteps: number): number[] {
  const at = geometricStarts(T_0, T_mult);
  const starts = [0];
  while (starts.at(-1)! < totalSteps && starts.length <= (cycle_limit ?? Infinity)) {
    starts.push(at(starts.length));
  }
  return starts;
}
