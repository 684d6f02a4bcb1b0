import type { RunShape } from "../lib/duration.ts";

/** The rate of a zero-based step. Total for every whole step >= 0, and pure: no counters. */
export type Schedule = (step: number) => number;

/** The position of a step in a cyclic schedule. */
export interface CyclePosition {
  /** Zero-based number of the cycle. */
  readonly cycle: number;
  /** Steps since the cycle's start, 0 at the restart. */
  readonly position: number;
  /** Steps in this cycle. */
  readonly length: number;
  /** True at the first step of every cycle but the first. */
  readonly isRestart: boolean;
  /** True at the last step of a cycle. */
  readonly isLast: boolean;
}

/** A schedule whose rate depends on evaluations. Its state is plain JSON data that goes into the checkpoint. */
export interface FeedbackSchedule<State = unknown> {
  init(): State;
  /** The state after an evaluation that happened before `step`. */
  observe(state: State, seen: { step: number; loss: number; metric: number }): State;
  /** The rate of `step` in this state. */
  at(state: State, step: number): number;
  /** The watched metric of an evaluation: `validation_loss` or `validation_accuracy`, of masks mean Dice, of text 1 / perplexity. */
  readonly metric: string;
  /** The position of a step in the cycles, for a schedule whose cycles depend on evaluations. */
  cycles?(state: State, step: number): CyclePosition;
}

/** A schedule built for a run, as the training loop uses it at each step. */
export interface BuiltSchedule {
  readonly lr: Schedule;
  /** Momentum over the run where the schedule moves it, else `null`: the optimizer's own constant stays. */
  readonly momentum: Schedule | null;
  /** Cycles where the schedule has them, else `null`. */
  readonly cycles: ((step: number) => CyclePosition) | null;
  /** Present where the rate depends on evaluations; `lr` is then the rate of the initial state. */
  readonly feedback: FeedbackSchedule | null;
}

/** A schedule as data, as a spec writes it: a name from the catalogue and its parameters. */
export interface ScheduleSpec {
  readonly name: string;
  readonly [parameter: string]: unknown;
}

export type { RunShape };
