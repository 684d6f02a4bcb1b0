import type { FormulaWriter } from "../frameworks/exports.ts";
import type { Plain } from "../param_types.ts";
import { halfCosine, linearIn, py, real, type Style } from "../frameworks/python.ts";
import { cyclesOf, type PARAMS } from "./formula.ts";

type Restarts = Plain<typeof PARAMS>;

/** More steps than any run has that counts them by a 32-bit integer. */
const NEVER = 2 ** 31 - 1;

/** Lines of warm restarts, for the cycles of the writer's run. */
export function body(v: Restarts, { style, shape }: FormulaWriter): string[] {
  const { call } = style;
  const rise = v.warmup ?? 0;
  const descent = rise === 0 ? "length" : `(length - ${rise})`;
  const span = v.inclusive_end
    ? call("maximum", rise === 0 ? "length - 1" : `length - ${rise + 1}`, "1")
    : descent;
  const elapsed = rise === 0 ? "position" : call("maximum", `position - ${rise}`, "0");
  const progress = `${elapsed} / ${span}`;
  // Where the last cycle stays at its minimum, and where a cycle of one step has no span, progress goes past 1.
  const bounded = cyclesOf(v).limit !== null || v.inclusive_end;
  return [
    ...(v.T_mult === 1 ? equalCycles(v, style) : growingCycles(v, style, shape.totalSteps)),
    `p = ${bounded ? call("minimum", progress, "1") : progress}`,
    ...wave(v, rise, style),
  ];
}

/** Lines for the rate at progress p of a cycle's descent, or in the rise before it. */
function wave(v: Restarts, rise: number, style: Style): string[] {
  const factor = `${real(v.lr_decay)} ** k`;
  if (rise === 0 && (v.decay_min || v.lr_decay === 1)) {
    const plain = halfCosine(v.lr, v.eta_min, "p", style);
    return [v.lr_decay === 1 ? `return ${plain}` : `return ${factor} * (${plain})`];
  }
  const fall = `(1 + ${style.call("cos", "math.pi * p")}) / 2`;
  const height = rise === 0 ? fall : style.where(`position < ${rise}`, `position / ${rise}`, fall);
  const lines = [`height = ${height}`];
  if (v.lr_decay === 1) return [...lines, `return ${linearIn(v.eta_min, v.lr - v.eta_min, "height")}`];
  if (v.decay_min) {
    return [...lines, `return ${factor} * (${linearIn(v.eta_min, v.lr - v.eta_min, "height")})`];
  }
  const peak = `${real(v.lr)} * ${factor}`;
  return [...lines, `return ${real(v.eta_min)} + (${peak} - ${real(v.eta_min)}) * height`];
}

/** Lines that set k, position and length by division. */
function equalCycles({ T_0, cycle_limit }: Restarts, { call }: Style): string[] {
  const cycle = cycle_limit === null ? `t // ${T_0}` : call("minimum", `t // ${T_0}`, py(cycle_limit - 1));
  return [`k = ${cycle}`, `position, length = t - ${T_0} * k, ${T_0}`];
}

/** Lines that set k, position and length by a list of the cycles' starts, which a formula would round elsewhere. */
function growingCycles(v: Restarts, style: Style, totalSteps: number): string[] {
  const limit = cyclesOf(v).limit ?? Infinity;
  const starts = cycleStarts(v, totalSteps);
  const found = "position, length = t - start, end - start";
  if (starts.at(-1)! > totalSteps) return [...style.find(starts), found];
  // The last cycle has no successor: its end is kept apart, so that the search stays within it.
  const end = starts.pop()!;
  return [
    ...style.find([...starts, NEVER]),
    `end = ${style.where(`k == ${limit - 1}`, py(end), "end")}`,
    found,
  ];
}

/** Starts of the cycles of a run and of the step after it, and the end of the last one. */
export function cycleStarts(v: Restarts, totalSteps: number): number[] {
  const { starts: at, limit } = cyclesOf(v);
  const starts = [0];
  while (starts.at(-1)! <= totalSteps && starts.length <= (limit ?? Infinity)) starts.push(at(starts.length));
  return starts;
}
