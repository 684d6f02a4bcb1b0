import { baselineOf, comparedArms } from "./lineage.ts";
import type { Spec } from "./schema.ts";
import { tunedArm, withRate } from "./tuned.ts";

/** Horizon policies: the schedule of a run that becomes longer, by the `clock` of the child arm. */
export const HORIZON_POLICIES = {
  stretch: "the schedule as planned for the new length, from the point reached",
  keep: "the schedule of the old length continues beyond its end",
  append: "the schedule once more, over what is added",
} as const;
export type HorizonPolicy = keyof typeof HORIZON_POLICIES;

/**
 * A spec in which each compared arm has a child that starts from the end of its run. Arms keep their place and name, so
 * that their runs are those of the given spec; the child is called `arm, duration`.
 *
 * @param duration where the longer runs end, counted from the beginning; a percentage is of the spec's own.
 */
export function longer(spec: Spec, duration: string, clock: HorizonPolicy): Spec {
  const nameOf = (name: string) => `${name}, ${duration}`;
  const more = comparedArms(spec).map((arm) => {
    const { name, from: _from, compare: _compare, schedule, ...rest } = arm;
    const source = tunedArm(schedule, name);
    return {
      ...rest,
      name: nameOf(name),
      from: name,
      duration,
      clock,
      schedule: source === null ? schedule : withRate(schedule, `tuned ${source}`),
    };
  });
  return {
    ...spec,
    name: `${spec.name}, ${clock} to ${duration}`,
    baseline: nameOf(baselineOf(spec)),
    arms: [...spec.arms.map((arm) => ({ ...arm, compare: false })), ...more],
    sweep: null,
  };
}
