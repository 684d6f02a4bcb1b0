import type { RunShape } from "../../lib/duration.ts";
import { describeSchedule } from "../describe.ts";
import { buildSchedule } from "../registry.ts";
import { type PlainValues, plainValues } from "../resolve.ts";
import type { ScheduleSpec } from "../schedule.ts";
import { geometricStarts } from "../sgdr.ts";
import { py } from "./framework.ts";
import type { Style } from "./style.ts";

/** Python functions of the update t, inner schedules first; the last one is `name`. */
export interface Functions {
  readonly name: string;
  readonly functions: readonly string[];
}

/** Writes functions under names that are not taken yet. */
export class FunctionWriter {
  readonly functions: string[] = [];
  readonly #names = new Set<string>();

  constructor(readonly style: Style, readonly shape: RunShape) {}

  /** A name that starts with `wanted`, free from now on no more. */
  free(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#names.has(name); count++) name = `${wanted}_${count}`;
    this.#names.add(name);
    return name;
  }

  /** Adds `def wanted(argument): …` and gives its name. */
  define(wanted: string, doc: string, body: readonly string[]): string {
    const name = this.free(wanted);
    const lines = [
      `def ${name}(t):`,
      ...(doc === "" ? [] : [`"""${doc}"""`]).concat(body).map((line) => `    ${line}`),
    ];
    this.functions.push(lines.join("\n"));
    return name;
  }

  /**
   * The function of a schedule, with those of its inner schedules.
   *
   * @throws {RangeError} for a schedule that no function of t alone can express.
   */
  schedule(spec: ScheduleSpec): string {
    const python = { max: "largest", min: "smallest" }[spec.name] ?? spec.name;
    const body = bodyOf(spec, plainValues(spec, this.shape), this);
    const name = this.define(python, describeSchedule({ ...spec, update: undefined }), body);
    if (spec.update !== "epoch") return name;
    const { stepsPerEpoch } = this.shape;
    return this.define(`${name}_per_epoch`, "", [
      `return ${name}(t - t % ${stepsPerEpoch})  # at the epoch's start`,
    ]);
  }
}

/** Lines of a function body in terms of t; the last one returns the rate. */
function bodyOf(spec: ScheduleSpec, v: PlainValues, writer: FunctionWriter): string[] {
  const { style } = writer;
  const { where, call } = style;
  // A branch that is not chosen is computed all the same by an eager style, so its argument must stay >= 0.
  const since = (start: number) =>
    start === 0 ? "t" : style.eager ? call("maximum", `t - ${start}`, "0") : `t - ${start}`;
  switch (spec.name) {
    case "constant":
      return [`return ${py(v.lr)}`];
    case "step":
      return [`return ${py(v.lr)} * ${py(v.gamma)} ** (t // ${v.step_size})`];
    case "multistep": {
      const rates = [0, ...v.milestones].map((_, passed) => py(v.lr * v.gamma ** passed));
      const nested = (v.milestones as number[]).reduceRight(
        (rest, milestone, index) => where(`t < ${milestone}`, rates[index]!, rest),
        rates[rates.length - 1]!,
      );
      return [`return ${nested}`];
    }
    case "exponential": {
      const periods = v.staircase ? `(t // ${v.every})` : `(t / ${v.every})`;
      return v.gamma === null
        ? [`return ${py(v.lr)} * ${call("exp", `-${py(v.decay_rate)} * ${periods}`)}`]
        : [`return ${py(v.lr)} * ${py(v.gamma)} ** ${periods}`];
    }
    case "linear":
    case "polynomial": {
      const power = v.power === undefined || v.power === 1 ? "" : ` ** ${py(v.power)}`;
      const line = `return ${linearIn(v.end_lr, v.lr - v.end_lr, `(1 - p)${power}`)}`;
      if (!v.cycle) return [`p = ${call("minimum", "t", py(v.duration))} / ${v.duration}`, line];
      const periods = call("maximum", "1", call("ceil", `t / ${v.duration}`));
      return [`p = t / (${v.duration} * ${periods})`, line];
    }
    case "cosine":
      return [
        `p = ${call("minimum", "t", py(v.T_max))} / ${v.T_max}`,
        `return ${halfCosine(v.lr, v.eta_min, "p", style)}`,
      ];
    case "sgdr":
      return restarts(v, style, writer.shape.totalSteps);
    case "one_cycle":
      return oneCyclePhases(v, "rate", style);
    case "cyclic":
      return [...triangle(v, style), `return ${linearIn(v.base_lr, v.max_lr - v.base_lr, "height")}`];
    case "noam":
      return [
        "s = t + 1.0",
        `return ${py(v.factor * v.d_model ** -0.5)} * ${
          call("minimum", "s ** -0.5", `s * ${v.warmup} ** -1.5`)
        }`,
      ];
    case "inverse_sqrt": {
      const root = call("sqrt", `${v.warmup} / ${style.eager ? call("maximum", "t", "1") : "t"}`);
      return [`return ${where(`t < ${v.warmup}`, `${py(v.lr)} * t / ${v.warmup}`, `${py(v.lr)} * ${root}`)}`];
    }
    case "wsd":
      return warmupStableDecay(v, style);
    case "aggressive_restart":
      return [
        `p = (t % ${v.period}) / ${Math.max(1, v.period - 1)}`,
        `return ${halfCosine(v.lr * v.multiplier, v.lr * v.floor, "p", style)}`,
      ];
    case "warmup": {
      const inner = writer.schedule(v.then);
      const after = `${inner}(${since(v.duration)})`;
      if (v.duration === 0) return [`return ${after}`];
      return [ramp(spec, v, style, writer.shape), `return ${where(`t < ${v.duration}`, "ramp", after)}`];
    }
    case "sequence": {
      let start = 0;
      const parts = (v.parts as { steps: number; schedule: ScheduleSpec }[]).map(({ steps, schedule }) => {
        const part = { call: `${writer.schedule(schedule)}(${since(start)})`, end: start + steps };
        start += steps;
        return part;
      });
      return [
        `return ${
          parts.slice(0, -1).reduceRight(
            (rest, { call, end }) => where(`t < ${end}`, call, rest),
            parts.at(-1)!.call,
          )
        }`,
      ];
    }
    case "scale":
      return [`return ${py(v.by)} * ${writer.schedule(v.of)}(t)`];
    case "repeat":
      return [`return ${writer.schedule(v.of)}(t % ${v.every})`];
    case "max":
    case "min": {
      const rates = (v.of as ScheduleSpec[]).map((child) => `${writer.schedule(child)}(t)`);
      return [`return ${rates.reduce((a, b) => call(spec.name === "max" ? "maximum" : "minimum", a, b))}`];
    }
    default:
      throw new RangeError(
        `Cannot write ${spec.name} as a function of the update: ` +
          (spec.name === "custom" ? "its formula is in a module" : "it depends on evaluations"),
      );
  }
}

/** `offset + slope * progress`, with the sign of the slope where it belongs. */
function linearIn(offset: number, slope: number, progress: string): string {
  if (offset === 0) return `${py(slope)} * ${progress}`;
  return slope < 0
    ? `${py(offset)} - ${py(-slope)} * ${progress}`
    : `${py(offset)} + ${py(slope)} * ${progress}`;
}

function halfCosine(start: number, end: number, progress: string, { call }: Style): string {
  return linearIn(end, start - end, `(1 + ${call("cos", `math.pi * ${progress}`)}) / 2`);
}

/** Cycles of equal length by division; others by the list of their starts, which a formula would round elsewhere. */
function restarts(v: PlainValues, style: Style, totalSteps: number): string[] {
  const { call } = style;
  const lines: string[] = [];
  const limit: number = v.cycle_limit ?? Infinity;
  if (v.T_mult === 1) {
    const cycle = Number.isFinite(limit) ? call("minimum", `t // ${v.T_0}`, py(limit - 1)) : `t // ${v.T_0}`;
    lines.push(`k = ${cycle}`, `position, length = t - ${v.T_0} * k, ${v.T_0}`);
  } else {
    const at = geometricStarts(v.T_0, v.T_mult);
    const starts = [0];
    while (starts.at(-1)! < totalSteps && starts.length <= limit) starts.push(at(starts.length));
    if (Number.isFinite(limit) && starts.at(-1)! < totalSteps) {
      // The last cycle has no successor: its end is kept apart, so that the search stays within it.
      const end = starts.pop()!;
      lines.push(
        ...style.find([...starts, 2 ** 31 - 1]),
        `end = ${style.where(`k == ${limit - 1}`, py(end), "end")}`,
      );
    } else {
      lines.push(...style.find(starts));
    }
    lines.push("position, length = t - start, end - start");
  }
  const span = v.inclusive_end ? call("maximum", "length - 1", "1") : "length";
  lines.push(
    `p = ${
      Number.isFinite(limit) || v.inclusive_end
        ? call("minimum", `position / ${span}`, "1")
        : `position / ${span}`
    }`,
  );
  const wave = halfCosine(v.lr, v.eta_min, "p", style);
  lines.push(v.lr_decay === 1 ? `return ${wave}` : `return ${py(v.lr_decay)} ** k * (${wave})`);
  return lines;
}

/** The phases of one cycle, for the rate or for the momentum. */
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
    .map((to, index) => ({
      from: index === 0 ? 0 : ends[index - 1]!,
      to,
      start: values[index]!,
      stop: values[index + 1]!,
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

/** Lines that set `height`, from 0 at the ends of a cycle to 1 at its peak, times what shrinks the cycle. */
export function triangle(v: PlainValues, { where }: Style): string[] {
  const up: number = v.step_size_up;
  const down: number = v.step_size_down ?? up;
  const shrinks = v.mode === "triangular2"
    ? " * 0.5 ** cycle"
    : v.mode === "exp_range"
    ? ` * ${py(v.gamma)} ** t`
    : "";
  return [
    `cycle = t // ${up + down}`,
    `x = t - cycle * ${up + down}`,
    `height = ${shrinks === "" ? "" : "("}${
      where(`x <= ${up}`, `x / ${up}`, `(${up + down} - x) / ${down}`)
    }${shrinks === "" ? "" : `)${shrinks}`}`,
  ];
}

function warmupStableDecay(v: PlainValues, style: Style): string[] {
  const { where, call } = style;
  const start = v.warmup + v.stable;
  const elapsed = call("maximum", `t - ${start}`, "0");
  const p = v.decay === 0
    ? where(`t < ${start}`, "0.0", "1.0")
    : call("minimum", `${elapsed} / ${v.decay}`, "1");
  const fall = v.decay_shape === "linear"
    ? "(1 - p)"
    : v.decay_shape === "cosine"
    ? `(1 + ${call("cos", "math.pi * p")}) / 2`
    : `(1 - ${call("sqrt", "p")})`;
  const value = v.min_ratio === 0
    ? `${py(v.lr)} * ${fall}`
    : `${py(v.lr)} * (${py(v.min_ratio)} + ${py(1 - v.min_ratio)} * ${fall})`;
  const rising = `${py(v.lr)} * t / ${v.warmup}`;
  return [`p = ${p}`, `return ${v.warmup === 0 ? value : where(`t < ${v.warmup}`, rising, value)}`];
}

function ramp(spec: ScheduleSpec, v: PlainValues, { call }: Style, shape: RunShape): string {
  const target = buildSchedule(spec.then as ScheduleSpec, shape).lr(0);
  const p = v.skip_zero ? `(t + 1) / ${v.duration + 1}` : `t / ${v.duration}`;
  switch (v.shape) {
    case "exponential":
      return `ramp = ${py(v.from)} ** (1 - ${p}) * ${py(target)} ** (${p})`;
    case "cosine":
      return `ramp = ${linearIn(v.from, target - v.from, `(1 - ${call("cos", `math.pi * ${p}`)}) / 2`)}`;
    default:
      return `ramp = ${linearIn(v.from, target - v.from, p)}`;
  }
}
