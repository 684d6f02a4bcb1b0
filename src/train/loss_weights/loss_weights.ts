import { durationToSteps, parseDuration, type RunShape } from "#lib/duration.ts";

/** Weights of the components of a loss over a run, in the components' order. */
export interface LossWeights<State = unknown> {
  /** The weights of a zero-based step. `state` is that of `feedback`, and of no use where there is none. */
  at(step: number, state: State): readonly number[];
  /** Present where weights depend on evaluations. */
  readonly feedback: LossWeightFeedback<State> | null;
}

/** Its state is plain JSON data that goes into the checkpoint. */
export interface LossWeightFeedback<State = unknown> {
  init(): State;
  /** The state after an evaluation; `metric` is a score, larger is better. */
  observe(state: State, metric: number): State;
}

/** The transition of weights from the mix of one stage to that of the next. */
export type Transition = "ramp" | "switch";

/** A stage of training: from a step on, training goes to this mix of weights. */
export interface Stage {
  readonly from: number;
  readonly mix: readonly number[];
}

/**
 * Weights that go through stages, the first of which begins at step 0 with its own mix.
 *
 * `switch`: at the first step of a stage its mix is there at once. `ramp`: over each stage the weights move linearly
 * from the mix of the one before to that of the stage, which they reach where the next one begins, and in the last one
 * at `end`.
 *
 * @param end step at which the last ramp is over.
 * @throws {RangeError} for a stage that begins before the one in front of it.
 */
export function stagedWeights(stages: readonly Stage[], transition: Transition, end: number): LossWeights {
  const late = stages.findIndex(({ from }, index) => index > 0 && from < stages[index - 1]!.from);
  if (late >= 0) {
    throw new RangeError(
      `stage ${late + 1} begins at step ${stages[late]!.from}, before stage ${late}, at step ${
        stages[late - 1]!.from
      }; ` +
        "stages follow each other",
    );
  }
  const at = (step: number): readonly number[] => {
    const index = stages.findLastIndex(({ from }) => step >= from);
    const stage = stages[Math.max(0, index)]!;
    const before = stages[index - 1];
    if (transition === "switch" || before === undefined) return stage.mix;
    const until = stages[index + 1]?.from ?? end;
    const done = until > stage.from ? Math.min(1, (step - stage.from) / (until - stage.from)) : 1;
    return stage.mix.map((weight, place) => before.mix[place]! + done * (weight - before.mix[place]!));
  };
  return { at, feedback: null };
}

/** Steps from the run's start on which a stage begins. @throws {SyntaxError | RangeError} for what is no duration. */
export function stepOf(duration: string, shape: RunShape): number {
  return durationToSteps(parseDuration(duration), shape);
}
