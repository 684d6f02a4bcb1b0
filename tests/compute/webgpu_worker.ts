/// <reference lib="deno.worker" />
import { openDevice } from "#compute/devices.ts";
import { learnerOptions, someBatch, syntheticData } from "../conformance/support.ts";

/** One step on WebGPU, as a worker of a run makes it; answers the loss. */
try {
  using device = await openDevice("webgpu");
  const data = syntheticData(8, 8);
  using learner = await device.createLearner(learnerOptions("cnn-small", data, 4));
  learner.update(someBatch(data, 0, 4), { lr: 0.1, momentum: 0.9 });
  const [applied] = await learner.losses();
  self.postMessage({ loss: applied!.loss });
} catch (error) {
  self.postMessage({ loss: NaN, error: String(error) });
}
