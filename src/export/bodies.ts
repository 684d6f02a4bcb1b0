import { buildSchedule } from "#schedules/registry.ts";
import type { PlainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { oneCyclePhases } from "./body_one_cycle.ts";
import { restarts } from "./body_sgdr.ts";
import { halfCosine, linearIn } from "./expressions.ts";
import type { FunctionWriter } from "./formula.ts";
import { py } from "./framework.ts";
import type { Style } from "./style.ts";

/** Lines of a function's body in terms of t, for a schedule's plain values; the last line returns the rate. */
export type Body = (v: PlainValues, writer: FunctionWriter, spec: ScheduleSpec) => string[];

/** The formula of each schedule that is a function of the update alone. */
export const BODIES: Readonly<Record<string, Body>> = {
  constant: ({ lr }) => [`return ${py(lr)}`],
  step: ({ lr, gamma, step_size }) => [`return ${py(lr)} * ${py(gamma)} ** (t // ${step_size})`],
  multistep,
  exponential,
  linear: polynomial,
  polynomial,
  cosine: ({ lr, eta_min, T_max }, { style }) => [
    `p = ${style.call("minimum", "t", py(T_max))} / ${T_max}`,
    `return ${halfCosine(lr, eta_min, "p", style)}`,
  ],
  sgdr: (v, { style, shape }) => restarts(v, style, shape.totalSteps),
  one_cycle: (v, { style }) => oneCyclePhases(v, "rate", style),
  cyclic: (
    v,
    { style },
  ) => [...triangle(v, style), `return ${linearIn(v.base_lr, v.max_lr - v.base_lr, "height")}`],
  noam: (v, { style }) => [
    "s = t + 1.0",
    `return ${py(v.factor * v.d_model ** -0.5)} * ${
      style.call("minimum", "s ** -0.5", `s * ${v.warmup} ** -1.5`)
    }`,
  ],
  inverse_sqrt: ({ lr, warmup }, { style }) => {
    const root = style.call("sqrt", `${warmup} / ${style.eager ? style.call("maximum", "t", "1") : "t"}`);
    return [`return ${style.where(`t < ${warmup}`, `${py(lr)} * t / ${warmup}`, `${py(lr)} * ${root}`)}`];
  },
  wsd: warmupStableDecay,
  aggressive_restart: ({ lr, multiplier, floor, period }, { style }) => [
    `p = (t % ${period}) / ${Math.max(1, period - 1)}`,
    `return ${halfCosine(lr * multiplier, lr * floor, "p", style)}`,
  ],
  warmup,
  sequence,
  scale: ({ by, of }, writer) => [`return ${py(by)} * ${writer.schedule(of)}(t)`],
  repeat: ({ of, every }, writer) => [`return ${writer.schedule(of)}(t % ${every})`],
  max: (v, writer) => extreme("maximum", v, writer),
  min: (v, writer) => extreme("minimum", v, writer),
};

function multistep({ lr, milestones, gamma }: PlainValues, { style }: FunctionWriter): string[] {
  const rates = [0, ...milestones].map((_, passed) => py(lr * gamma ** passed));
  const nested = (milestones as number[]).reduceRight(
    (rest, milestone, index) => style.where(`t < ${milestone}`, rates[index]!, rest),
    rates[rates.length - 1]!,
  );
  return [`return ${nested}`];
}

function exponential(
  { lr, gamma, decay_rate, every, staircase }: PlainValues,
  { style }: FunctionWriter,
): string[] {
  const periods = staircase ? `(t // ${every})` : `(t / ${every})`;
  return gamma === null
    ? [`return ${py(lr)} * ${style.call("exp", `-${py(decay_rate)} * ${periods}`)}`]
    : [`return ${py(lr)} * ${py(gamma)} ** ${periods}`];
}

function polynomial(
  { lr, end_lr, duration, power, cycle }: PlainValues,
  { style: { call } }: FunctionWriter,
): string[] {
  const exponent = power === undefined || power === 1 ? "" : ` ** ${py(power)}`;
  const line = `return ${linearIn(end_lr, lr - end_lr, `(1 - p)${exponent}`)}`;
  if (cycle !== true) return [`p = ${call("minimum", "t", py(duration))} / ${duration}`, line];
  const periods = call("maximum", "1", call("ceil", `t / ${duration}`));
  return [`p = t / (${duration} * ${periods})`, line];
}

/** Lines that set `height`, from 0 at the ends of a cycle to 1 at its peak, times what shrinks the cycle. */
export function triangle(
  { step_size_up: up, step_size_down, mode, gamma }: PlainValues,
  { where }: Style,
): string[] {
  const down: number = step_size_down ?? up;
  const height = where(`x <= ${up}`, `x / ${up}`, `(${up + down} - x) / ${down}`);
  const shrinks = mode === "triangular2" ? "0.5 ** cycle" : mode === "exp_range" ? `${py(gamma)} ** t` : null;
  return [
    `cycle = t // ${up + down}`,
    `x = t - cycle * ${up + down}`,
    `height = ${shrinks === null ? height : `(${height}) * ${shrinks}`}`,
  ];
}

function warmupStableDecay(v: PlainValues, { style }: FunctionWriter): string[] {
  const { where, call } = style;
  const start = v.warmup + v.stable;
  const p = v.decay === 0
    ? where(`t < ${start}`, "0.0", "1.0")
    : call("minimum", `${call("maximum", `t - ${start}`, "0")} / ${v.decay}`, "1");
  const falls: Readonly<Record<string, string>> = {
    linear: "(1 - p)",
    cosine: `(1 + ${call("cos", "math.pi * p")}) / 2`,
    "1-sqrt": `(1 - ${call("sqrt", "p")})`,
  };
  const fall = falls[v.decay_shape]!;
  const value = v.min_ratio === 0
    ? `${py(v.lr)} * ${fall}`
    : `${py(v.lr)} * (${py(v.min_ratio)} + ${py(1 - v.min_ratio)} * ${fall})`;
  const rising = `${py(v.lr)} * t / ${v.warmup}`;
  return [`p = ${p}`, `return ${v.warmup === 0 ? value : where(`t < ${v.warmup}`, rising, value)}`];
}

/** The time since `start`; an eager style computes it before `start` too, where it must stay >= 0. */
function since(start: number, style: Style): string {
  return start === 0 ? "t" : style.eager ? style.call("maximum", `t - ${start}`, "0") : `t - ${start}`;
}

function warmup(v: PlainValues, writer: FunctionWriter): string[] {
  const { style, shape } = writer;
  const after = `${writer.schedule(v.then)}(${since(v.duration, style)})`;
  if (v.duration === 0) return [`return ${after}`];
  const target = buildSchedule(v.then, shape).lr(0);
  // Past the ramp p stays: a geometric ramp that went on would overflow.
  const p = style.call("minimum", v.skip_zero ? `(t + 1) / ${v.duration + 1}` : `t / ${v.duration}`, "1");
  const ramps: Readonly<Record<string, string>> = {
    linear: linearIn(v.from, target - v.from, "p"),
    cosine: linearIn(v.from, target - v.from, `(1 - ${style.call("cos", "math.pi * p")}) / 2`),
    exponential: `${py(v.from)} ** (1 - p) * ${py(target)} ** p`,
  };
  return [
    `p = ${p}`,
    `ramp = ${ramps[v.shape]}`,
    `return ${style.where(`t < ${v.duration}`, "ramp", after)}`,
  ];
}

function sequence(v: PlainValues, writer: FunctionWriter): string[] {
  let start = 0;
  const parts = (v.parts as { steps: number; schedule: ScheduleSpec }[]).map(({ steps, schedule }) => {
    const part = { call: `${writer.schedule(schedule)}(${since(start, writer.style)})`, end: start + steps };
    start += steps;
    return part;
  });
  const nested = parts.slice(0, -1).reduceRight(
    (rest, { call, end }) => writer.style.where(`t < ${end}`, call, rest),
    parts.at(-1)!.call,
  );
  return [`return ${nested}`];
}

function extreme(which: "maximum" | "minimum", { of }: PlainValues, writer: FunctionWriter): string[] {
  const rates = (of as ScheduleSpec[]).map((child) => `${writer.schedule(child)}(t)`);
  return [`return ${rates.reduce((a, b) => writer.style.call(which, a, b))}`];
}
