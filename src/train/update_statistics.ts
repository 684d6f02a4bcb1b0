import type { ProbeEvent } from "./events.ts";
import type { LearnerState } from "./learner.ts";
import { entryOf, type OptimizerSpec } from "./optimizer.ts";

/** A change of more than this share of the rate counts as saturated: Adam moves a weight by the rate at most, nearly. */
const SATURATION = 0.9;

/** The optimizer and the parameters that update statistics are taken of. */
export interface UpdateStatistics {
  readonly optimizer: OptimizerSpec;
  /** Trainable parameters. */
  readonly trainable: readonly string[];
}

/**
 * Update statistics of one step, from the states before and after it.
 *
 * @param lr the rate that it applied; where it is 0, so is `step_rms`.
 */
export function updateStatistics(
  { optimizer, trainable }: UpdateStatistics,
  before: LearnerState,
  after: LearnerState,
  { step, lr, gradientNorm }: { step: number; lr: number; gradientNorm: number },
): ProbeEvent {
  const adaptive = entryOf(optimizer).secondMoment !== null;
  let [count, weightSquares, changeSquares, saturated] = [0, 0, 0, 0];
  for (const name of trainable) {
    const [from, to] = [before[name]!.data, after[name]!.data];
    for (let index = 0; index < from.length; index++) {
      const change = to[index]! - from[index]!;
      weightSquares += from[index]! ** 2;
      changeSquares += change ** 2;
      if (Math.abs(change) > SATURATION * lr) saturated++;
    }
    count += from.length;
  }
  return {
    kind: "probe",
    step,
    gradient_norm: gradientNorm,
    weight_norm: Math.sqrt(weightSquares),
    update_norm: Math.sqrt(changeSquares),
    second_moment: secondMoment(optimizer, trainable, after),
    step_rms: lr === 0 ? 0 : Math.sqrt(changeSquares / count) / lr,
    saturated: adaptive && lr > 0 ? saturated / count : null,
  };
}

/**
 * Root mean square of √v over all components, bias-corrected by the count of ungrouped parameters; `null` for an optimizer
 * that keeps no average of squares.
 */
function secondMoment(
  optimizer: OptimizerSpec,
  trainable: readonly string[],
  state: LearnerState,
): number | null {
  const { secondMoment: average } = entryOf(optimizer);
  if (average === null) return null;
  const correction = average.correction(optimizer, state["optimizer/steps"]!.data[0]!);
  let [sum, count] = [0, 0];
  for (const name of trainable) {
    const { data } = state[`${name}/${average.slot}`]!;
    for (const value of data) sum += value;
    count += data.length;
  }
  return correction === 0 ? 0 : Math.sqrt(sum / count / correction);
}
