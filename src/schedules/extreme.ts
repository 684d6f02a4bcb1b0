import { combine } from "./compose.ts";
import type { Rule } from "./finding.ts";
import type { Exports } from "./frameworks/exports.ts";
import type { Given } from "./param_types.ts";
import { schedules } from "./params.ts";
import type { BuiltSchedule, ScheduleSpec } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

export const PARAMS = { of: schedules("the schedules to choose from at each step") };

export const SAMPLE: readonly ScheduleSpec[] = [
  { name: "cosine", lr: 0.1, T_max: "100%" },
  { name: "constant", lr: 0.01 },
];

/** `max` and `min`: the rate that `choose` takes of those of `of`. */
export function extreme(
  name: string,
  choose: (...rates: number[]) => number,
  given: Given<typeof PARAMS>,
): BuiltSchedule {
  const { of } = check(name, PARAMS, given);
  if (of.length === 0) throw new ParameterError(name, "of", "a list of at least one schedule", of);
  // Whose momentum should hold where the chosen rate changes hands has no one answer.
  if (of.some((schedule) => schedule.momentum !== null)) {
    throw new ParameterError(name, "of", "schedules with cycle_momentum: false", "one that moves momentum");
  }
  const chosen = combine(of, {
    rates: (rates) => (t) => choose(...rates.map((rate) => rate(t))),
    cycles: (cycles) => cycles.find((own) => own !== null) ?? null,
    local: (_, step) => step,
  });
  return { ...chosen, momentum: null };
}

/** A Python function that takes the larger or the smaller of the rates, two by two. */
export const extremeExports = (
  pythonName: string,
  call: "maximum" | "minimum",
): Exports<typeof PARAMS> => ({
  pythonName,
  body: ({ of }, writer) => {
    const rates = of.map((child) => `${writer.schedule(child)}(t)`);
    return [`return ${rates.reduce((a, b) => writer.style.call(call, a, b))}`];
  },
});

/** Steps at which a choice is looked at. */
const TRIED = 1000;

/** A schedule that is never chosen, so that the others alone decide. */
export const neverChosen: Rule<typeof PARAMS> = ({ spec, built, inner, length }) => {
  const steps = Array.from({ length: Math.min(TRIED, length) }, (_, k) => Math.floor(k * length / TRIED));
  const tried = length <= TRIED ? Array.from({ length }, (_, step) => step) : [...steps, length - 1];
  const idle = inner.flatMap((node, index) =>
    built.feedback === null && tried.every((step) => node.built.lr(step) !== built.lr(step)) ? [index] : []
  );
  const used = (spec.of as readonly ScheduleSpec[]).filter((_, index) => !idle.includes(index));
  const [first] = used;
  if (idle.length === 0 || first === undefined) return [];
  return [{
    code: "branch-never-active",
    severity: "warning",
    why:
      `of[${idle.join("], of[")}] is never the ${
        spec.name === "max" ? "largest" : "smallest"
      } in this run, so it ` +
      "changes nothing.",
    source: "a floor under a schedule that never reaches it, or a ceiling above its peak",
    suggestions: [
      used.length === 1 ? { kind: "replace", schedule: first } : { kind: "set", changes: [[["of"], used]] },
    ],
  }];
};
