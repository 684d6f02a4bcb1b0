import type { Batch, Controls, PlainLearner } from "#train/learner.ts";
import { STEPS_PER_READ } from "#train/loop.ts";
import { createReadback } from "#train/readback.ts";

/** Steps as the training loop makes them: losses are asked for in groups, and taken when they have come. */
export async function trainSteps(
  learner: PlainLearner,
  batches: readonly Batch[],
  controls: Controls,
  steps: number,
): Promise<void> {
  const readback = createReadback(learner, () => performance.now());
  for (let step = 0; step < steps; step++) {
    await learner.update(batches[step % batches.length]!, controls);
    const last = step === steps - 1;
    if (!last && (step + 1) % STEPS_PER_READ !== 0) continue;
    readback.ask();
    while (await readback.next(last) !== null);
  }
}
