import { parseDuration, printDuration, type RunShape } from "#lib/duration.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import type { Rule } from "./finding.ts";
import { stepsOf } from "./nodes.ts";

/** Half of the run spent on a ramp leaves too little for the schedule itself. */
export const warmupTooLong: Rule = ({ spec, length }, shape) => {
  const steps = spec.name === "warmup"
    ? stepsOf(spec, "duration", shape)!
    : ["noam", "inverse_sqrt", "wsd"].includes(spec.name)
    ? stepsOf(spec, "warmup", shape)!
    : 0;
  if (steps <= length / 2) return [];
  const key = spec.name === "warmup" ? "duration" : "warmup";
  return [{
    code: "warmup-too-long",
    severity: "warning",
    why: `The warmup takes ${steps} of ${length} steps, more than half of the run; a few percent are usual.`,
    source: "schedulers-overview.md; Goyal et al., 2017, arXiv:1706.02677",
    mend: `${key}: 5%`,
  }];
};

/** Where a schedule ends by itself: the key that says so, and the steps from its own start. */
function ownLength(spec: ScheduleSpec, shape: RunShape): { key: string; steps: number } | null {
  const at = (key: string, ...keys: string[]) => ({
    key,
    steps: [key, ...keys].reduce((sum, one) => sum + (stepsOf(spec, one, shape) ?? 0), 0),
  });
  switch (spec.name) {
    case "cosine":
      return at("T_max");
    case "linear":
    case "one_cycle":
      return at("duration");
    case "polynomial":
      return spec.cycle === true ? null : at("duration");
    case "wsd":
      return at("decay", "warmup", "stable");
    default:
      return null;
  }
}

/** A descent that ends before the run does, or would end after it. */
export const planAndRunDiffer: Rule = ({ spec, built, length, untilEnd }, shape) => {
  const own = ownLength(spec, shape);
  if (own === null || own.steps === length || !untilEnd) return [];
  const slack = own.steps - length;
  const why = slack > 0
    ? `The schedule is ${own.steps} steps long, but only ${length} are left in the run: it stops at ` +
      `${Number(built.lr(length - 1).toPrecision(3))} and never reaches its end.`
    : `The schedule ends after ${own.steps} steps, and the last ${-slack} of its ${length} run at ` +
      `${Number(built.lr(length).toPrecision(3))}.`;
  const mended = stepsOf(spec, own.key, shape)! - slack;
  return [{
    code: "plan-and-run-differ",
    severity: "warning",
    why,
    source: "learning-rate-schedules.md; Keras counts decay after warmup, optax within it",
    mend: mended > 0 ? `${own.key}: ${inUnitOf(String(spec[own.key]), mended, shape)}` : null,
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
