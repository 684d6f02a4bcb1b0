import { combine, type Cycles } from "./compose.ts";
import { cyclePosition } from "./cycles.ts";
import { entry } from "./entry.ts";
import type { FormulaWriter } from "./frameworks/exports.ts";
import { optaxJoin } from "./frameworks/optax.ts";
import type { BuiltPart, Given, Plain } from "./param_types.ts";
import { parts } from "./params.ts";
import { since } from "./frameworks/python.ts";
import { SEQUENCE_RULES } from "./sequence_rules.ts";
import type { BuiltSchedule, Schedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  parts: parts("the schedules in order, each with how long it lasts: [{ for: duration, schedule }]"),
};

/**
 * Schedules one after the other: η(t) = part_i(t − B_i) for the last i with B_i <= t, where B_i is the sum of the
 * durations before part i, in steps.
 *
 * Each part starts at its own step 0 at its boundary and is active at t = B_i; the last one continues past its end.
 * Rates may jump at a boundary: a part begins with its own first rate. Where only some parts move momentum, the
 * others hold the value that the nearest moving part before them ended with (or the first one after them starts
 * with). Where some part has cycles, every part is at least one, and a boundary starts a new cycle.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sequence } from "#schedules/sequence.ts";
 * import { buildSchedule } from "#schedules/registry.ts";
 *
 * const run = { totalSteps: 100, stepsPerEpoch: 10 };
 * const flat = buildSchedule({ name: "constant", lr: 1 }, run);
 * const line = buildSchedule({ name: "linear", lr: 1, duration: "10 steps" }, run);
 * const { lr } = sequence({ parts: [{ steps: 50, schedule: flat }, { steps: 10, schedule: line }] });
 * assert.deepEqual([lr(49), lr(50), lr(55), lr(60)], [1, 1, 0.5, 0]);
 * ```
 *
 * @throws {RangeError} for an empty list, a part shorter than one step, or parts that watch different metrics.
 * @see optax.join_schedules, torch.optim.lr_scheduler.SequentialLR
 */
export function sequence(given: Given<typeof PARAMS>): BuiltSchedule {
  const { parts } = check("sequence", PARAMS, given);
  if (parts.length === 0) throw new ParameterError("sequence", "parts", "a list of at least one part", parts);
  const wrong = parts.findIndex(({ steps }) => !(Number.isInteger(steps) && steps >= 1));
  if (wrong >= 0) {
    throw new ParameterError("sequence", `parts[${wrong}].for`, "at least one step", parts[wrong]!.steps);
  }
  const starts: number[] = [];
  for (let sum = 0, i = 0; i < parts.length; sum += parts[i++]!.steps) starts.push(sum);
  const active = (t: number): number => {
    let index = starts.length - 1;
    while (starts[index]! > t) index--;
    return index;
  };
  const join = (rates: readonly Schedule[]): Schedule => (t) => {
    const index = active(t);
    return rates[index]!(t - starts[index]!);
  };
  const momenta = heldMomenta(parts);
  return {
    ...combine(parts.map((part) => part.schedule), {
      rates: join,
      cycles: (cycles) => joinCycles(cycles, parts.map(({ steps }) => steps), starts, active),
      local: (index, step) => active(step) === index ? step - starts[index]! : null,
    }),
    momentum: momenta === null ? null : join(momenta),
  };
}

/** A momentum for every part, or `null` where no part moves it. */
function heldMomenta(parts: readonly BuiltPart[]): readonly Schedule[] | null {
  const own = parts.map(({ schedule }) => schedule.momentum);
  const firstMoving = own.findIndex((momentum) => momentum !== null);
  if (firstMoving < 0) return null;
  let held = own[firstMoving]!(0);
  return own.map((momentum, index) => {
    const value = held;
    if (momentum === null) return () => value;
    held = momentum(parts[index]!.steps - 1);
    return momentum;
  });
}

/** Cycles counted through all parts; one that a boundary cuts short ends there. */
function joinCycles(
  own: readonly (Cycles | null)[],
  lengths: readonly number[],
  starts: readonly number[],
  active: (t: number) => number,
): Cycles | null {
  if (own.every((cycles) => cycles === null)) return null;
  const before: number[] = [];
  let count = 0;
  own.forEach((cycles, index) => {
    before.push(count);
    count += (cycles?.(lengths[index]! - 1).cycle ?? 0) + 1;
  });
  return (t) => {
    const index = active(t);
    const steps = lengths[index]!;
    const inPart = t - starts[index]!;
    const { cycle, position, length } = own[index]?.(inPart) ?? { cycle: 0, position: inPart, length: steps };
    const left = index === lengths.length - 1 ? Infinity : steps - inPart + position;
    return cyclePosition(before[index]! + cycle, position, Math.min(length, left));
  };
}

function choices({ parts }: Plain<typeof PARAMS>, writer: FormulaWriter): string[] {
  let start = 0;
  const pieces = parts.map(({ steps, schedule }) => {
    const piece = { call: `${writer.schedule(schedule)}(${since(start, writer.style)})`, end: start + steps };
    start += steps;
    return piece;
  });
  const nested = pieces.slice(0, -1).reduceRight(
    (rest, { call, end }) => writer.style.where(`t < ${end}`, call, rest),
    pieces.at(-1)!.call,
  );
  return [`return ${nested}`];
}

export default entry({
  name: "sequence",
  summary: "Schedules one after the other, each from its own start.",
  params: PARAMS,
  formula: "part_i(t − B_i), B_i the sum of the durations before part i",
  first: "as the first part",
  last: "as the last part, which continues past its end",
  source: "optax join_schedules, torch SequentialLR",
  label: "{parts}",
  sample: {
    name: "sequence",
    parts: [
      { for: "5 epochs", schedule: { name: "constant", lr: 0.1 } },
      { for: "5 epochs", schedule: { name: "linear", lr: 0.1, duration: "5 epochs" } },
    ],
  },
  build: (values) => sequence(values),
  stretch: ({ parts }, index, length) => {
    const start = parts.slice(0, index).reduce((sum, { steps }) => sum + steps, 0);
    const { steps } = parts[index]!;
    const reachesEnd = index === parts.length - 1 || start + steps >= length;
    return { length: reachesEnd ? length - start : steps, reachesEnd };
  },
  conditions: ({ parts }, conditionsOf) => conditionsOf(parts.at(-1)!.schedule),
  exports: {
    body: choices,
    optax: ({ parts }, writer) =>
      optaxJoin(
        parts.map(({ schedule }) => writer.schedule(schedule)),
        parts.slice(0, -1).map(({ steps }) => steps),
      ),
  },
  lint: { rules: SEQUENCE_RULES },
});
