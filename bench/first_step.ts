/** One step of cnn-small on WASM: what a run costs before it is under way. `bench startup` times the process. */
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import { epochBatches } from "#train/batches.ts";
import { randomImages } from "./random_images.ts";

using device = await openWasmDevice();
const data = randomImages(64);
const model = buildModel("cnn-small", data.shape, 10);
using learner = await device.createLearner({
  model,
  optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null },
  data,
  batchSize: 64,
  initial: initialWeights(model, 1),
});
const [batch] = epochBatches({ seed: 1, count: 64, batchSize: 64, augment: [] }, 0);
learner.update(batch!, { lr: 0.01, momentum: 0.9 });
