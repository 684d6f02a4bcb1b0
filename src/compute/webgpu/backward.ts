import { assertNever } from "#lib/assert_never.ts";
import { inputGradient, joinGradients, partialGradients } from "./kernels/batch_norm.ts";
import { convInputGradient, transposeKernel } from "./kernels/convolution.ts";
import { dropout } from "./kernels/dropout.ts";
import { filterGradient } from "./kernels/filter_gradient.ts";
import { globalAveragePoolGradient, type Images, maxPoolGradient, reluGradient } from "./kernels/pool.ts";
import { addGradients } from "./kernels/sum.ts";
import { columnSums, sumParts } from "./kernels/sums.ts";
import type { Recorder } from "./recorder.ts";
import { linearShape, type Recorded, rowsOf, size, unitsOf } from "./stages.ts";
import type { Store } from "./store.ts";

interface Want {
  /** Whether somebody needs the gradient of the input. */
  readonly needsInput: boolean;
  /** Whether that is to be 0 where the input, which then came out of a ReLU, is 0. */
  readonly maskInput: boolean;
}

/**
 * Records the gradients of all variables of some stages and, where it is needed, of their input. `dy` is the gradient
 * for the last output before its own ReLU: whoever made it has set it to 0 where the output is 0.
 */
export function backward(
  recorder: Recorder,
  stages: readonly Recorded[],
  store: Store,
  dy: GPUBuffer,
  want: Want,
): GPUBuffer | null {
  let gradient: GPUBuffer | null = dy;
  for (let index = stages.length - 1; index >= 0; index--) {
    const before = stages[index - 1];
    const wanted = before ? { needsInput: true, maskInput: before.relu } : want;
    gradient = stageBackward(recorder, stages[index]!, store, gradient!, wanted);
  }
  return gradient;
}

function stageBackward(
  recorder: Recorder,
  stage: Recorded,
  store: Store,
  dy: GPUBuffer,
  want: Want,
): GPUBuffer | null {
  const { layer, input, x } = stage;
  const images = input as Images;
  const mask = want.maskInput;
  if (layer.kind === "residual") return residualGradients(recorder, stage, store, dy, want);
  if (layer.kind === "conv" || layer.kind === "dense") linearGradients(recorder, stage, store, dy);
  if (layer.kind === "batch_norm") batchNormGradients(recorder, stage, store, dy);
  if (!want.needsInput) return null;
  const dx = recorder.buffer(`gradient for the input of ${layer.kind}`, size(input));
  switch (layer.kind) {
    case "conv":
    case "dense": {
      const shape = linearShape(stage);
      const kernel = store.variable(`${layer.name}/kernel`);
      const transposed = recorder.buffer(`transposed ${layer.name}`, kernel.size / 4);
      recorder.run(transposeKernel(shape), kernel, transposed);
      const gradient = convInputGradient(shape, { ...recorder.gpu.tuning, mask });
      recorder.run(gradient, dy, transposed, ...(mask ? [x] : []), dx);
      break;
    }
    case "batch_norm": {
      const [gamma, dGamma] = [store.variable(`${layer.name}/gamma`), store.gradient(`${layer.name}/gamma`)];
      const dBeta = store.gradient(`${layer.name}/beta`);
      recorder.run(
        inputGradient(rowsOf(input), { mask }),
        x,
        stage.statistics!,
        gamma,
        dGamma,
        dBeta,
        dy,
        dx,
      );
      break;
    }
    case "relu":
      recorder.run(reluGradient(size(input)), x, dy, dx);
      break;
    case "dropout": {
      const kernel = dropout(unitsOf(input), layer, { place: stage.dropouts, mask });
      recorder.run(kernel, dy, stage.dropoutMask!, ...(mask ? [x] : []), dx);
      break;
    }
    case "max_pool":
      recorder.run(maxPoolGradient(images, layer.size, { mask }), x, dy, dx);
      break;
    case "global_average_pool":
      recorder.run(globalAveragePoolGradient(images, { mask }), dy, ...(mask ? [x] : []), dx);
      break;
    default:
      assertNever(layer);
  }
  return dx;
}

/** Through both branches, whose gradients add up in the input. */
function residualGradients(
  recorder: Recorder,
  stage: Recorded,
  store: Store,
  dy: GPUBuffer,
  want: Want,
): GPUBuffer | null {
  const [main, shortcut] = stage.branches!.map((branch) => {
    const last = branch.at(-1);
    let gradient = dy;
    if (last?.relu) {
      gradient = recorder.buffer(`gradient behind ${last.layer.kind}`, size(stage.output));
      recorder.run(reluGradient(size(stage.output)), last.y, dy, gradient);
    }
    return backward(recorder, branch, store, gradient, { needsInput: want.needsInput, maskInput: false });
  });
  if (!want.needsInput) return null;
  const dx = recorder.buffer("gradient for the input of residual", size(stage.input));
  const mask = want.maskInput;
  recorder.run(addGradients(size(stage.input), { mask }), main!, shortcut!, ...(mask ? [stage.x] : []), dx);
  return dx;
}

function linearGradients(recorder: Recorder, stage: Recorded, store: Store, dy: GPUBuffer): void {
  const { layer, output } = stage;
  if (layer.kind !== "conv" && layer.kind !== "dense") return;
  const { tuning } = recorder.gpu;
  const gradient = store.gradient(`${layer.name}/kernel`);
  const { kernel, parts } = filterGradient(linearShape(stage), tuning);
  const partial = recorder.buffer(`parts of ${layer.name}/kernel`, parts * gradient.size / 4);
  recorder.run(kernel, stage.x, dy, partial);
  recorder.run(sumParts(parts, gradient.size / 4), partial, gradient);
  if (layer.kind === "conv" && !layer.bias) return;
  const { rows, channels } = rowsOf(output);
  const sums = columnSums(rows, channels, tuning);
  const biasPartial = recorder.buffer(`parts of ${layer.name}/bias`, sums.parts * channels);
  recorder.run(sums.kernel, dy, biasPartial);
  recorder.run(sumParts(sums.parts, channels), biasPartial, store.gradient(`${layer.name}/bias`));
}

function batchNormGradients(recorder: Recorder, stage: Recorded, store: Store, dy: GPUBuffer): void {
  if (stage.layer.kind !== "batch_norm") return;
  const { name } = stage.layer;
  const sizes = rowsOf(stage.input);
  const { tuning } = recorder.gpu;
  const { kernel, parts } = partialGradients(sizes, tuning);
  const partial = recorder.buffer(`gradient parts of ${name}`, parts * 2 * sizes.channels);
  recorder.run(kernel, stage.x, stage.statistics!, dy, partial);
  const gradients = [store.gradient(`${name}/gamma`), store.gradient(`${name}/beta`)];
  recorder.run(joinGradients(sizes, tuning), partial, ...gradients);
}
