import type { RunShape } from "#lib/duration.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { type PlainValues, plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { geometricStarts } from "#schedules/sgdr.ts";
import { FunctionWriter, pythonName } from "./formula.ts";
import { kwargs, py } from "./framework.ts";
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
    const inner = EXPRESSIONS[node.name]?.(v, shape, visit) ?? null;
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

/** The expression of one schedule, given what defines its inner schedules and names them. */
type Expression = (v: PlainValues, shape: RunShape, visit: (inner: ScheduleSpec) => string) => string | null;

/** Each schedule in optax's own terms; `null`, or nothing here, where it has none. */
const EXPRESSIONS: Readonly<Record<string, Expression>> = {
  constant: ({ lr }) => `optax.constant_schedule(${py(lr)})`,
  step: ({ lr, step_size, gamma }) => exponential(lr, step_size, gamma, true),
  multistep,
  exponential: (v) => exponential(v.lr, v.every, v.gamma ?? Math.exp(-v.decay_rate), v.staircase),
  linear: ({ lr, end_lr, duration }) => line(lr, end_lr, duration),
  polynomial: (v) =>
    v.cycle
      ? null
      : `optax.polynomial_schedule(${
        kwargs({ init_value: v.lr, end_value: v.end_lr, power: v.power, transition_steps: v.duration })
      })`,
  cosine: ({ lr, eta_min, T_max }) => cosine(lr, eta_min, T_max),
  sgdr: (v, { totalSteps }) => restarts(v, totalSteps),
  wsd: warmupStableDecay,
  warmup,
  sequence: (v, _, visit) => {
    const parts = v.parts as { steps: number; schedule: ScheduleSpec }[];
    return join(parts.map(({ schedule }) => visit(schedule)), parts.slice(0, -1).map(({ steps }) => steps));
  },
  scale: ({ by, of }, _, visit) => `lambda t: ${py(by)} * ${visit(of)}(t)`,
  repeat: ({ of, every }, _, visit) => `lambda t: ${visit(of)}(t % ${every})`,
};

function multistep({ lr, milestones, gamma }: PlainValues): string {
  const scales = [...new Set<number>(milestones)].map((at) => {
    const count = (milestones as number[]).filter((milestone) => milestone === at).length;
    return `${at}: ${py(gamma)}${count === 1 ? "" : ` ** ${count}`}`;
  });
  return `optax.piecewise_constant_schedule(${py(lr)}, {${scales.join(", ")}})`;
}

function warmupStableDecay(
  { lr, warmup, stable, decay, decay_shape, min_ratio }: PlainValues,
): string | null {
  if (decay_shape === "1-sqrt" || decay === 0) return null;
  const low = lr * min_ratio;
  const fall = decay_shape === "linear" ? line(lr, low, decay) : cosine(lr, low, decay);
  const phases = [
    { steps: warmup, code: line(0, lr, warmup) },
    { steps: stable, code: `optax.constant_schedule(${py(lr)})` },
  ].filter(({ steps }) => steps > 0);
  return join([...phases.map(({ code }) => code), fall], phases.map(({ steps }) => steps));
}

function warmup(v: PlainValues, shape: RunShape, visit: (inner: ScheduleSpec) => string): string | null {
  if (v.duration === 0) return visit(v.then);
  if (v.shape !== "linear") return null;
  const target = buildSchedule(v.then, shape).lr(0);
  const first = v.skip_zero ? v.from + (target - v.from) / (v.duration + 1) : v.from;
  return join([line(first, target, v.duration), visit(v.then)], [v.duration]);
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
