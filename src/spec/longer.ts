import { baselineOf, comparedArms } from "./chain.ts";
import type { Spec } from "./schema.ts";
import { rateKey, tunedArm } from "./tuned.ts";

/** What a schedule does when its run becomes longer: the `clock` of the arms that go on. */
export const CLOCKS = {
  stretch: "the schedule as planned for the new length, from the point reached",
  keep: "the schedule of the old length goes on beyond its end",
  append: "the schedule once more, over what is added",
} as const;
export type Clock = keyof typeof CLOCKS;

/**
 * A spec in which each arm that is compared goes on from the end of its own run. Arms keep their place and name, so
 * that their runs are those of the given spec; what goes on is called `arm, duration`.
 *
 * @param duration where the longer runs end, counted from the beginning; a percentage is of the spec's own.
 */
export function longer(spec: Spec, duration: string, clock: Clock): Spec {
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
      schedule: source === null ? schedule : { ...schedule, [rateKey(schedule)]: `tuned ${source}` },
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
