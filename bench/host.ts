import type { WebgpuLearner } from "#compute/webgpu/learner.ts";
import { RUNS_PER_SUBMISSION } from "#compute/webgpu/queue.ts";
import type { Batch, Controls } from "#train/learner.ts";

/**
 * Milliseconds of JavaScript in a step on WebGPU, its share of a submission included: the steps of one submission,
 * begun while the device is idle. A second submission would wait in the driver for the first, which is the device's time.
 */
export async function hostMs(learner: WebgpuLearner, batch: Batch, controls: Controls): Promise<number> {
  await learner.settle();
  const began = performance.now();
  for (let step = 0; step < RUNS_PER_SUBMISSION; step++) learner.update(batch, controls);
  const ms = (performance.now() - began) / RUNS_PER_SUBMISSION;
  await learner.losses();
  return ms;
}
