import { durationToSteps, parseDuration, type RunShape } from "#lib/duration.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import type { RunFacts } from "#schedules/finding.ts";
import { UsageError } from "../../errors.ts";

/** A schedule to show, with its name in legends. */
export interface Arm {
  readonly name: string;
  readonly schedule: ScheduleSpec;
}

/** The schedules that a command was given, and the facts about their run. */
export interface Arms {
  readonly arms: readonly Arm[];
  /** Folder that a custom schedule's module is relative to. */
  readonly folder: string;
  readonly facts: RunFacts;
  /** Arms whose rate is still to be tuned, and the one that stands for it; absent for none. */
  readonly untuned?: { readonly arms: readonly string[]; readonly lr: number };
  /** The run's length as the file gives it, where it does. */
  readonly shape: { readonly totalSteps: number | null; readonly stepsPerEpoch: number | null };
}

/** A note for the reader about rates that are not tuned yet. */
export function untunedText({ arms, lr }: NonNullable<Arms["untuned"]>): string {
  return `The rate of ${
    arms.join(", ")
  } is not tuned yet; it is shown at ${lr}, the first rate that tuning tries`;
}

const DEFAULT_STEPS = 1000;
/** A curve of more steps would not fit into memory several times over, as JSON needs it. */
export const MOST_STEPS = 10_000_000;
const DEFAULT_STEPS_PER_EPOCH = 100;

/** The run to show: what was asked for, else what the file says, else long enough for every duration. */
export function runShape(
  { shape, arms }: Arms,
  asked: { readonly steps?: number | undefined; readonly stepsPerEpoch?: number | undefined },
): RunShape {
  const stepsPerEpoch = asked.stepsPerEpoch ?? shape.stepsPerEpoch ?? DEFAULT_STEPS_PER_EPOCH;
  const longest = Math.max(
    DEFAULT_STEPS,
    ...arms.map(({ schedule }) => longestDuration(schedule, stepsPerEpoch)),
  );
  const totalSteps = asked.steps ?? shape.totalSteps ?? longest;
  if (totalSteps > MOST_STEPS) {
    throw new UsageError(
      `Cannot show ${totalSteps.toLocaleString("en-US")} steps, at most ${
        MOST_STEPS.toLocaleString("en-US")
      }: give fewer with --steps, or shorter durations`,
    );
  }
  return { stepsPerEpoch, totalSteps };
}

/** Steps of the longest duration anywhere in a schedule that is not a part of the run. */
function longestDuration(value: unknown, stepsPerEpoch: number): number {
  if (typeof value === "object" && value !== null) {
    return Math.max(0, ...Object.values(value).map((inner) => longestDuration(inner, stepsPerEpoch)));
  }
  if (typeof value !== "string") return 0;
  try {
    const duration = parseDuration(value);
    return duration.unit === "percent" ? 0 : durationToSteps(duration, { totalSteps: 0, stepsPerEpoch });
  } catch {
    return 0; // a name or another word
  }
}
