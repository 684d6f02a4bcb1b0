import type { RunShape } from "#lib/duration.ts";
import { plain } from "#lib/numbers.ts";
import { printable } from "#lib/printable.ts";
import type { RunFacts } from "#schedules/finding.ts";
import type { OptimizerChoice } from "#schedules/frameworks/optimizer.ts";
import { scheduleLength } from "#schedules/length.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { UsageError } from "../errors.ts";

/** A schedule with its name in legends. */
export interface Arm {
  readonly name: string;
  readonly schedule: ScheduleSpec;
  /** The run that it is planned for; absent where only options can say. */
  readonly run?: ArmRun;
  /** The optimizer that emitted code makes; absent for each framework's usual one. */
  readonly optimizer?: OptimizerChoice;
  /** The reason why no code can be emitted; absent where it can. */
  readonly unemitted?: string;
}

/** The run of a schedule, as `train` plans it. */
export interface ArmRun {
  /** Length of the schedule's own time. */
  readonly shape: RunShape;
  /** The step of the whole lineage at which the schedule's own time is 0. */
  readonly origin: number;
  /** The schedule's own step at which the run begins: 0, or later where it continues its parent's schedule. */
  readonly first: number;
  /** Steps in the run; they may go beyond the schedule's own time. */
  readonly steps: number;
  readonly facts: RunFacts;
}

/** A schedule in the run in which it is looked at. */
export type PlacedArm = Arm & Required<Pick<Arm, "run">>;

/** The schedules that a command was given. */
export interface Arms<Placed extends Arm = Arm> {
  readonly arms: readonly Placed[];
  /** Folder that a custom schedule's module is relative to. */
  readonly folder: string;
  /** Facts of all their runs, where they have none of their own. */
  readonly facts: RunFacts;
  /** Arms whose rate is still to be tuned, and the one that stands for it; absent for none. */
  readonly untuned?: { readonly arms: readonly string[]; readonly lr: number };
  /** The run's length as the file gives it, where it does and no arm has a run of its own. */
  readonly shape: { readonly totalSteps: number | null; readonly stepsPerEpoch: number | null };
}

/** A note for the reader about rates that are not tuned yet. */
export function untunedText({ arms, lr }: NonNullable<Arms["untuned"]>): string {
  return `The rate of ${
    arms.join(", ")
  } is not tuned yet; it is shown at ${lr}, the first rate that tuning tries`;
}

const DEFAULT_STEPS = 1000;
const DEFAULT_STEPS_PER_EPOCH = 100;
/** The longest run that a spec may have. */
export const LONGEST_RUN = 1e9;
/** A curve of more steps would not fit into memory several times over, as JSON needs it. */
export const MOST_STEPS = 10_000_000;

/** A run's length as options give it. */
export interface AskedRun {
  readonly steps?: number | undefined;
  readonly stepsPerEpoch?: number | undefined;
  readonly samplesPerStep?: number | undefined;
  readonly tokensPerStep?: number | undefined;
}

/** Every schedule in its run: the one asked for, else as planned, else what the file says, else long enough for all. */
export function placed(given: Arms, asked: AskedRun): Arms<PlacedArm> {
  const isAsked = asked.steps !== undefined || asked.stepsPerEpoch !== undefined;
  const perStep = {
    ...(asked.samplesPerStep === undefined ? {} : { samplesPerStep: asked.samplesPerStep }),
    ...(asked.tokensPerStep === undefined ? {} : { tokensPerStep: asked.tokensPerStep }),
  };
  const shape = sharedShape(given, asked);
  const arms = given.arms.map((arm): PlacedArm => {
    const { run } = arm;
    const facts = run?.facts ?? given.facts;
    return {
      ...arm,
      // A name may stand in a comment of emitted code, which a line end in it would leave.
      name: printable(arm.name),
      run: run === undefined || isAsked
        ? { shape, origin: 0, first: 0, steps: shape.totalSteps, facts }
        : { ...run, shape: { ...run.shape, ...perStep } },
    };
  });
  return { ...given, arms };
}

function sharedShape({ shape, arms }: Arms, asked: AskedRun): RunShape {
  const planned = arms.find(({ run }) => run !== undefined)?.run?.shape;
  const stepsPerEpoch = asked.stepsPerEpoch ?? planned?.stepsPerEpoch ?? shape.stepsPerEpoch ??
    DEFAULT_STEPS_PER_EPOCH;
  const { samplesPerStep = planned?.samplesPerStep, tokensPerStep = planned?.tokensPerStep } = asked;
  const run = { stepsPerEpoch, samplesPerStep, tokensPerStep };
  const longest = () => Math.max(DEFAULT_STEPS, ...arms.map(({ schedule }) => lengthOf(schedule, run)));
  return {
    ...run,
    totalSteps: asked.steps ?? planned?.totalSteps ?? shape.totalSteps ?? longest(),
  };
}

/** Steps of a schedule. @throws {UsageError} for a duration in samples or tokens, where nobody says how many are in a step. */
export function lengthOf(schedule: ScheduleSpec, run: Parameters<typeof scheduleLength>[1]): number {
  try {
    return scheduleLength(schedule, run);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** @throws {UsageError} for a run too long for what is asked. */
export function refuseLonger(most: number, steps: number, attempt: string): void {
  if (steps <= most) return;
  throw new UsageError(
    `Cannot ${attempt} ${plain(steps)} steps, at most ${plain(most)}: give fewer with --steps, or shorter ` +
      "durations",
  );
}

/** The one shape of all arms, or `null` where they differ. */
export function commonShape(arms: readonly { readonly run: ArmRun }[]): RunShape | null {
  const [{ run: { shape } }] = arms as readonly [{ readonly run: ArmRun }];
  const same = arms.every(({ run }) =>
    run.shape.totalSteps === shape.totalSteps && run.shape.stepsPerEpoch === shape.stepsPerEpoch &&
    run.origin === 0 && run.first === 0 && run.steps === shape.totalSteps
  );
  return same ? shape : null;
}
