import { parseDuration, printDuration, type RunShape } from "#lib/duration.ts";
import type { AnyRule } from "./nodes.ts";

/** Half of the run spent on a ramp leaves too little for the schedule itself. */
export const warmupTooLong: AnyRule = ({ entry, values, length }) => {
  const key = entry.lint?.warmupKey;
  const steps = key === undefined ? 0 : values[key] as number;
  if (steps <= length / 2) return [];
  return [{
    code: "warmup-too-long",
    severity: "warning",
    why: `The warmup takes ${steps} of ${length} steps, more than half of the run; a few percent are usual.`,
    source: "schedulers-overview.md; Goyal et al., 2017, arXiv:1706.02677",
    suggestion: `${key}: 5%`,
  }];
};

/** A descent that ends before the run does, or would end after it. */
export const planAndRunDiffer: AnyRule = ({ entry, spec, values, built, length, untilEnd, shape }) => {
  const own = entry.lint?.end?.(values) ?? null;
  if (own === null || own.steps === length || !untilEnd) return [];
  const slack = own.steps - length;
  const why = slack > 0
    ? `The schedule is ${own.steps} steps long, but only ${length} are left in the run: it stops at ` +
      `${Number(built.lr(length - 1).toPrecision(3))} and never reaches its end.`
    : `The schedule ends after ${own.steps} steps, and the remaining ${-slack} of the run have the rate ` +
      `${Number(built.lr(length).toPrecision(3))}.`;
  const wanted = values[own.key] as number - slack;
  return [{
    code: "plan-and-run-differ",
    severity: "warning",
    why,
    source: "learning-rate-schedules.md; Keras counts decay after warmup, optax within it",
    suggestion: wanted > 0 ? `${own.key}: ${inUnitOf(String(spec[own.key]), wanted, shape)}` : null,
  }];
};

/** So many steps in the unit of a written duration where that comes out even, else in steps. */
function inUnitOf(written: string, steps: number, { totalSteps, stepsPerEpoch }: RunShape): string {
  const { unit } = parseDuration(written);
  if (unit === "epochs" && steps % stepsPerEpoch === 0) {
    return printDuration({ value: steps / stepsPerEpoch, unit });
  }
  if (unit === "percent" && (100 * steps) % totalSteps === 0) {
    return printDuration({ value: 100 * steps / totalSteps, unit });
  }
  return printDuration({ value: steps, unit: "steps" });
}
