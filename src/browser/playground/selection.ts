import type { PlaygroundArm } from "#report/sections/playground/part.ts";
import type { ArmCurve } from "./arm.ts";
import { asGiven, type Moved } from "./state.ts";

/** All schedules as they stand, and the one whose parameters are shown. */
export interface Selection {
  arms(): readonly Moved[];
  index(): number;
  selected(): Moved;
  /** The curves as they were given. */
  readonly given: readonly ArmCurve[];
  replace(index: number, moved: Moved): void;
  select(index: number): void;
  /** All schedules as they were given. */
  reset(): void;
}

/** @param changed called after each change; `anew` where another schedule, or all, are shown. */
export function selectionOf(
  given: readonly PlaygroundArm[],
  changed: (change: "anew" | "moved") => void,
): Selection {
  const start = given.map(asGiven);
  let [arms, index]: [readonly Moved[], number] = [start, 0];
  return {
    arms: () => arms,
    index: () => index,
    selected: () => arms[index]!,
    given: start.map(({ curve }) => curve),
    replace: (at, moved) => {
      arms = arms.map((one, other) => other === at ? moved : one);
      changed("moved");
    },
    select: (at) => {
      index = at;
      changed("anew");
    },
    reset: () => {
      arms = start;
      changed("anew");
    },
  };
}
