/** Facts about a training run. */
export interface TrainingFacts {
  /** The thing that matters most. */
  readonly goal: Goal;
  /** The model, or the task, to train. */
  readonly task: Task;
  /** Length of the run in epochs. */
  readonly epochs: number;
  /** Epochs at which the rate should drop, where they are known. */
  readonly drops: readonly number[];
  /** The rate that works, where it is known, such as from a range test. */
  readonly lr: number | null;
}

export const GOALS = ["unsure", "fast", "best", "known-drops", "explore", "ensemble", "escape"] as const;
export type Goal = typeof GOALS[number];
export const TASKS = ["cnn", "transformer", "fine-tuning", "policy-gradient", "off-policy"] as const;
export type Task = typeof TASKS[number];

/** @throws {RangeError} for facts out of range: a run shorter than an epoch, drops outside the run or out of order. */
export function checkFacts({ goal, epochs, drops, lr }: TrainingFacts): void {
  if (!(Number.isSafeInteger(epochs) && epochs >= 1)) {
    throw new RangeError(
      `Cannot recommend for ${epochs} epochs: the number of epochs must be a whole number >= 1`,
    );
  }
  if (lr !== null && !(Number.isFinite(lr) && lr > 0)) {
    throw new RangeError(`Cannot recommend with the rate ${lr}: it must be finite and > 0`);
  }
  if (goal === "known-drops" && drops.length === 0) {
    throw new RangeError(
      "Cannot recommend for known drops without the drops: give their epochs, such as 30,60,80",
    );
  }
  drops.forEach((drop, index) => {
    if (!(drop > (drops[index - 1] ?? 0) && drop < epochs)) {
      throw new RangeError(
        `Cannot recommend drops at ${drops.join(", ")}: they must ascend and lie within the ${epochs} epochs`,
      );
    }
  });
}
