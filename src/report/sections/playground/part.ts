import type { RunShape } from "#lib/duration.ts";
import { plain } from "#lib/numbers.ts";
import { customModules } from "#schedules/custom.ts";
import type { RunFacts } from "#schedules/finding.ts";
import type { OptimizerChoice } from "#schedules/frameworks/optimizer.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import type { Block, Interactive } from "../../model.ts";

/** A schedule whose parameters can be moved, in its run. */
export interface PlaygroundArm {
  readonly name: string;
  readonly schedule: ScheduleSpec;
  readonly run: {
    /** Length of the schedule's own time. */
    readonly shape: RunShape;
    /** The step of the whole lineage at which the schedule's own time is 0. */
    readonly origin: number;
    /** The schedule's own step at which the run begins. */
    readonly first: number;
    readonly steps: number;
    readonly facts: RunFacts;
  };
  /** The optimizer of the emitted code; absent for each framework's usual one. */
  readonly optimizer?: OptimizerChoice;
}

/** The data that the program starts from. */
export interface PlaygroundData {
  readonly arms: readonly PlaygroundArm[];
}

/** The longest run whose rates follow a slider. */
export const LONGEST_MOVED = 1_000_000;

/** The reason why a page shows schedules without sliders; `null` for none. */
export function reasonForStatic(arms: readonly PlaygroundArm[]): string | null {
  const own = arms.find(({ schedule }) => customModules(schedule).length > 0);
  if (own !== undefined) return `${own.name} has a module of its own, which no page can run`;
  const long = arms.find(({ run }) => run.steps > LONGEST_MOVED || run.shape.totalSteps > LONGEST_MOVED);
  const most = plain(LONGEST_MOVED);
  return long === undefined ? null : `${long.name} has more than ${most} steps, too many to follow a slider`;
}

/** The part of the page in which the parameters of schedules are moved. */
export function playgroundPart(arms: readonly PlaygroundArm[], still: readonly Block[]): Interactive {
  const data: PlaygroundData = {
    arms: arms.map(({ name, schedule, run: { shape, origin, first, steps, facts }, optimizer }) => ({
      name,
      schedule,
      run: { shape, origin, first, steps, facts },
      ...(optimizer === undefined ? {} : { optimizer }),
    })),
  };
  return {
    kind: "interactive",
    id: "playground",
    program: "playground",
    title: "Interactive schedules",
    data,
    still,
  };
}
