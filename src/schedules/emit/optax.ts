import type { RunShape } from "../../lib/duration.ts";
import { lineBetween } from "../one_cycle.ts";
import { cosineBetween } from "../cosine.ts";
import { buildSchedule } from "../registry.ts";
import { type PlainValues, plainValues } from "../resolve.ts";
import type { Schedule, ScheduleSpec } from "../schedule.ts";
import { geometricStarts } from "../sgdr.ts";
import { FunctionWriter } from "./formula.ts";
import { kwargs, type Native, type Natives, py } from "./framework.ts";
import { JAX } from "./style.ts";

/** Definitions of schedules, inner ones first; `name` is the last. Any schedule of optax is a function of the step. */
export interface OptaxCode {
  readonly name: string;
  readonly definitions: readonly string[];
  /** Whether some part is a formula of our own. */
  readonly ownFormula: boolean;
}

/**
 * A schedule by optax's own constructors, joined by `join_schedules`; a part that optax lacks is a function.
 *
 * @throws {RangeError} for a schedule that depends on evaluations.
 */
export function optaxCode(spec: ScheduleSpec, shape: RunShape): OptaxCode {
  const writer = new FunctionWriter(JAX, shape);
  const definitions: string[] = [];
  let ownFormula = false;
  const assign = (wanted: string, expression: string): string => {
    const name = writer.free(wanted);
    definitions.push(`${name} = ${expression}`);
    return name;
  };
  const visit = (node: ScheduleSpec): string => {
    const v = plainValues(node, shape);
    const inner = expressionOf(node, v, shape, visit);
    const name = inner === null
      ? writer.schedule({ ...node, update: undefined })
      : assign(pythonName(node.name), inner);
    if (inner === null) {
      ownFormula = true;
      definitions.push(...writer.functions.splice(0));
    }
    if (node.update !== "epoch") return name;
    return assign(`${name}_per_epoch`, `lambda t: ${name}(t - t % ${shape.stepsPerEpoch})`);
  };
  return { name: visit(spec), definitions, ownFormula };
}

const pythonName = (name: string): string => ({ max: "largest", min: "smallest" })[name] ?? name;

/** The expression of one schedule in optax's own terms, or `null` where it has none. */
function expressionOf(
  spec: ScheduleSpec,
  v: PlainValues,
  shape: RunShape,
  visit: (inner: ScheduleSpec) => string,
): string | null {
  switch (spec.name) {
    case "constant":
      return `optax.constant_schedule(${py(v.lr)})`;
    case "step":
      return exponential(v.lr, v.step_size, v.gamma, true);
    case "multistep": {
      const distinct: number[] = [...new Set<number>(v.milestones)];
      const scales = distinct.map((at) => {
        const count = (v.milestones as number[]).filter((milestone) => milestone === at).length;
        return `${at}: ${py(v.gamma)}${count === 1 ? "" : ` ** ${count}`}`;
      });
      return `optax.piecewise_constant_schedule(${py(v.lr)}, {${scales.join(", ")}})`;
    }
    case "exponential":
      return exponential(v.lr, v.every, v.gamma ?? Math.exp(-v.decay_rate), v.staircase);
    case "linear":
      return line(v.lr, v.end_lr, v.duration);
    case "polynomial":
      return v.cycle
        ? null
        : `optax.polynomial_schedule(${
          kwargs({ init_value: v.lr, end_value: v.end_lr, power: v.power, transition_steps: v.duration })
        })`;
    case "cosine":
      return cosine(v.lr, v.eta_min, v.T_max);
    case "sgdr":
      return restarts(v, shape.totalSteps);
    case "wsd": {
      if (v.decay_shape === "1-sqrt" || v.decay === 0) return null;
      const low = v.lr * v.min_ratio;
      const fall = v.decay_shape === "linear" ? line(v.lr, low, v.decay) : cosine(v.lr, low, v.decay);
      const phases = [
        { steps: v.warmup, code: line(0, v.lr, v.warmup) },
        { steps: v.stable, code: `optax.constant_schedule(${py(v.lr)})` },
      ].filter(({ steps }) => steps > 0);
      return join([...phases.map(({ code }) => code), fall], phases.map(({ steps }) => steps));
    }
    case "warmup": {
      if (v.duration === 0) return visit(v.then);
      if (v.shape !== "linear") return null;
      const target = buildSchedule(v.then, shape).lr(0);
      const first = v.skip_zero ? v.from + (target - v.from) / (v.duration + 1) : v.from;
      return join([line(first, target, v.duration), visit(v.then)], [v.duration]);
    }
    case "sequence": {
      const parts = v.parts as { steps: number; schedule: ScheduleSpec }[];
      return join(parts.map(({ schedule }) => visit(schedule)), parts.slice(0, -1).map(({ steps }) => steps));
    }
    case "scale": {
      const inner = visit(v.of);
      return `lambda t: ${py(v.by)} * ${inner}(t)`;
    }
    case "repeat": {
      const inner = visit(v.of);
      return `lambda t: ${inner}(t % ${v.every})`;
    }
    default:
      return null;
  }
}

const line = (from: number, to: number, steps: number) =>
  `optax.linear_schedule(${kwargs({ init_value: from, end_value: to, transition_steps: steps })})`;
const cosine = (from: number, to: number, steps: number) =>
  `optax.cosine_decay_schedule(${kwargs({ init_value: from, decay_steps: steps, alpha: to / from })})`;
const exponential = (lr: number, steps: number, rate: number, staircase: boolean) =>
  `optax.exponential_decay(${
    kwargs({ init_value: lr, transition_steps: steps, decay_rate: rate, ...(staircase ? { staircase } : {}) })
  })`;

/** Parts one after the other, given how long all but the last are. */
function join(parts: readonly string[], lengths: readonly number[]): string {
  if (parts.length === 1) return parts[0]!;
  let end = 0;
  const boundaries = lengths.map((steps) => end += steps);
  return [
    "optax.join_schedules([",
    ...parts.map((part) => `    ${part},`),
    `], boundaries=${py(boundaries)})`,
  ].join("\n");
}

/** One cosine a cycle, over the cycles of the run. Boundaries are numbers, so T_mult may be any real one. */
function restarts(v: PlainValues, totalSteps: number): string {
  const at = geometricStarts(v.T_0, v.T_mult);
  const starts = [0];
  while (starts.at(-1)! < totalSteps && starts.length <= (v.cycle_limit ?? Infinity)) {
    starts.push(at(starts.length));
  }
  const lengths = starts.slice(1).map((end, cycle) => end - starts[cycle]!);
  const spans = lengths.map((length) => v.inclusive_end ? Math.max(1, length - 1) : length);
  if (lengths.length <= 8 || v.T_mult !== 1) {
    return join(
      spans.map((span, cycle) => cosine(v.lr * v.lr_decay ** cycle, v.eta_min * v.lr_decay ** cycle, span)),
      lengths.slice(0, -1),
    );
  }
  const init = v.lr_decay === 1 ? py(v.lr) : `${py(v.lr)} * ${py(v.lr_decay)} ** k`;
  return [
    "optax.join_schedules(",
    `    [optax.cosine_decay_schedule(${init}, decay_steps=${spans[0]}, alpha=${
      py(v.eta_min / v.lr)
    }) for k in range(${lengths.length})],`,
    `    boundaries=list(range(${v.T_0}, ${v.T_0 * lengths.length}, ${v.T_0})))`,
  ].join("\n");
}

/** optax's lookalikes where they differ from ours; everything else is built by {@link optaxCode}. */
export const optaxNatives: Natives = (spec, shape, ours) => {
  const v = plainValues(spec, shape);
  if (spec.name === "one_cycle" && !v.three_phase) return [oneCycle(v)];
  const then = spec.then as ScheduleSpec | undefined;
  if (
    spec.name === "warmup" && v.shape === "linear" && !v.skip_zero && then?.name === "cosine" &&
    then.update !== "epoch"
  ) {
    return [warmupCosine(v, plainValues(then, shape))];
  }
  try {
    const { definitions, ownFormula } = optaxCode(spec, shape);
    return ownFormula ? [] : [{
      call: definitions.at(-1)!.replace(/^\w+ = /, ""),
      imports: ["import optax"],
      rate: ours,
      why: "",
    }];
  } catch {
    return [];
  }
};

function oneCycle(v: PlainValues): Native {
  const [peakAt, low] = [Math.floor(v.pct_start * v.duration), v.max_lr / v.div_factor];
  const end = low / v.final_div_factor;
  const between = v.anneal === "cos" ? cosineBetween : lineBetween;
  const rate: Schedule = (t) =>
    t < peakAt
      ? between(low, v.max_lr, t / peakAt)
      : t < v.duration
      ? between(v.max_lr, end, (t - peakAt) / (v.duration - peakAt))
      : end;
  return {
    call: `optax.cosine_onecycle_schedule(${
      kwargs({
        transition_steps: v.duration,
        peak_value: v.max_lr,
        pct_start: v.pct_start,
        div_factor: v.div_factor,
        final_div_factor: v.final_div_factor,
      })
    })`,
    imports: ["import optax"],
    rate: v.anneal === "cos" ? rate : null,
    why: v.anneal === "cos"
      ? "cosine_onecycle_schedule peaks at int(pct_start * T) and ends at T, one step later each"
      : "linear_onecycle_schedule has three phases, the second up to pct_final",
  };
}

/** `decay_steps` counts the warmup too. */
function warmupCosine(v: PlainValues, inner: PlainValues): Native {
  const decay = inner.T_max - v.duration;
  const rate: Schedule | null = decay <= 0
    ? null
    : (t) =>
      t < v.duration
        ? v.from + (inner.lr - v.from) * t / v.duration
        : cosineBetween(inner.lr, inner.eta_min, Math.min(1, (t - v.duration) / decay));
  return {
    call: `optax.warmup_cosine_decay_schedule(${
      kwargs({
        init_value: v.from,
        peak_value: inner.lr,
        warmup_steps: v.duration,
        decay_steps: inner.T_max,
        end_value: inner.eta_min,
      })
    })`,
    imports: ["import optax"],
    rate,
    why: "decay_steps counts the warmup too, so the cosine is shorter by it",
  };
}
