import type { Life, Phase } from "./life.ts";
import type { Reference } from "./reference.ts";

/** How long the phases of a study take now, in milliseconds of the clock: other programs share the machine. */
export interface Pace {
  ms(): Readonly<Record<Phase | "stagger", number>>;
  /** Learns from a study's life, which a kill at most ended at `until`, and in which it made so many steps. */
  saw(life: Life, steps: number, until: number): void;
}

/** Weight of the newest life. */
const NEWEST = 0.3;

/** @param together studies that share a process and its cores. */
export function paceOf({ startMs, trainingMs, steps: all }: Reference, together: number): Pace {
  const ms: Record<Phase, number> = {
    "start-up": startMs,
    "training": trainingMs * together,
    "result and report": startMs / 2,
  };
  const learn = (phase: Phase, found: number) => ms[phase] += NEWEST * (found - ms[phase]);
  return {
    // Studies of one process do not begin at once, so that a kill finds them in different phases.
    ms: () => ({ ...ms, stagger: ms["training"] / 2 }),
    saw: ({ began }, steps, until) => {
      const { "start-up": start, training, "result and report": result, end } = began;
      if (start !== undefined && training !== undefined) learn("start-up", training - start);
      // The first steps take longer than the others.
      if (training !== undefined && steps > 4) {
        learn("training", ((result ?? until) - training) * all / steps);
      }
      if (result !== undefined && end !== undefined) learn("result and report", end - result);
    },
  };
}
