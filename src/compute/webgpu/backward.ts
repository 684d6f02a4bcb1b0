import type { DropoutLayer } from "../dropout_mask.ts";
import type { LayerKind } from "../layers/catalog.ts";
import { missingKernel } from "../missing_kernel.ts";
import type { Layer } from "../model.ts";
import { type BackwardPlace as Place, inputOf, type Want } from "./backward_place.ts";
import { TOKEN_BACKWARD } from "./backward_tokens.ts";
import { inputGradient, joinGradients, partialGradients } from "./kernels/batch_norm.ts";
import { sliceChannels } from "./kernels/concat.ts";
import { convInputGradient, transposeKernel } from "./kernels/convolution.ts";
import { dropout } from "./kernels/dropout.ts";
import { filterGradient } from "./kernels/filter_gradient.ts";
import { linearInputGradient, linearKernelGradient, type LinearShape } from "./kernels/linear.ts";
import { globalAveragePoolGradient, type Images, maxPoolGradient, reluGradient } from "./kernels/pool.ts";
import { addGradients } from "./kernels/sum.ts";
import { columnSums, sumParts } from "./kernels/sums.ts";
import { upsampleGradient } from "./kernels/upsample.ts";
import type { Recorder } from "./recorder.ts";
import { linearShape, productShape, type Recorded, rowsOf, size, unitsOf } from "./stages.ts";
import type { Store } from "./store.ts";

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
    gradient = stageBackward({ recorder, stage: stages[index]!, store, dy: gradient!, want: wanted });
  }
  return gradient;
}

type Build<K extends Layer["kind"]> = (layer: LayerKind<K>, place: Place) => GPUBuffer | null;

/** By the layer's kind: records the gradients of its variables and, where it is needed, that of its input. */
const BACKWARD: { readonly [K in Layer["kind"]]?: Build<K> } = {
  ...TOKEN_BACKWARD,
  conv: ({ name, bias }, place) => linear(name, bias, place),
  dense: ({ name }, place) => linear(name, true, place),
  batch_norm: ({ name }, place) => batchNorm(name, place),
  relu: (_layer, place) =>
    inputOf(place, ({ input, x, dx }) => place.recorder.run(reluGradient(size(input)), x, place.dy, dx)),
  dropout: (layer, place) => dropOut(layer, place),
  max_pool: (layer, place) =>
    inputOf(place, ({ input, x, mask, dx }) => {
      place.recorder.run(maxPoolGradient(input as Images, layer.size, { mask }), x, place.dy, dx);
    }),
  global_average_pool: (_layer, place) =>
    inputOf(place, ({ input, mask, masked, dx }) => {
      place.recorder.run(globalAveragePoolGradient(input as Images, { mask }), place.dy, ...masked, dx);
    }),
  upsample: (layer, place) =>
    inputOf(place, ({ input, mask, masked, dx }) => {
      place.recorder.run(upsampleGradient(input as Images, layer.size, { mask }), place.dy, ...masked, dx);
    }),
  residual: (_layer, place) => branchGradients(place, (last) => throughRelu(place, last)),
  concat: (_layer, place) => {
    const { rows, channels } = rowsOf(place.stage.output);
    let first = 0;
    return branchGradients(place, (last) => {
      const own = last ? rowsOf(last.output).channels : rowsOf(place.stage.input).channels;
      const gradient = place.recorder.buffer("gradient of a part of concat", rows * own);
      const mask = last?.relu === true;
      const slice = sliceChannels(rows, channels, { first, count: own, mask });
      place.recorder.run(slice, place.dy, ...(mask ? [last.y] : []), gradient);
      first += own;
      return gradient;
    });
  },
};

/** @throws {TypeError} for a layer that there are no kernels for. */
function stageBackward(place: Place): GPUBuffer | null {
  const { layer } = place.stage;
  const build = BACKWARD[layer.kind] as Build<Layer["kind"]> | undefined;
  if (!build) throw missingKernel("WebGPU", "layer", layer.kind, Object.keys(BACKWARD));
  return build(layer, place);
}

/** Through what was not dropped; without a mask nothing was. */
function dropOut(layer: DropoutLayer, { recorder, stage, dy, want }: Place): GPUBuffer | null {
  const { dropoutMask } = stage;
  if (!dropoutMask && !want.maskInput) return want.needsInput ? dy : null;
  return inputOf({ recorder, stage, dy, want }, ({ input, x, mask, masked, dx }) => {
    if (!dropoutMask) return recorder.run(reluGradient(size(input)), x, dy, dx);
    const kernel = dropout(unitsOf(input), layer.rate, { place: stage.dropouts, mask });
    recorder.run(kernel, dy, dropoutMask, ...masked, dx);
  });
}

/**
 * Through both branches, whose gradients add up in the input. `gradientOf` gives the gradient for the output of a branch,
 * before the ReLU of its last stage (absent: the branch is the input itself); main comes first.
 */
function branchGradients(
  { recorder, stage, store, want }: Place,
  gradientOf: (last: Recorded | undefined) => GPUBuffer,
): GPUBuffer | null {
  const [main, shortcut] = stage.branches!.map((branch) =>
    backward(recorder, branch, store, gradientOf(branch.at(-1)), {
      needsInput: want.needsInput,
      maskInput: false,
    })
  );
  if (!want.needsInput) return null;
  const dx = recorder.buffer(`gradient for the input of ${stage.layer.kind}`, size(stage.input));
  const mask = want.maskInput;
  recorder.run(addGradients(size(stage.input), { mask }), main!, shortcut!, ...(mask ? [stage.x] : []), dx);
  return dx;
}

/** The gradient of a sum for a branch: the sum's own, through the ReLU of the branch's last stage where it has one. */
function throughRelu({ recorder, stage, dy }: Place, last: Recorded | undefined): GPUBuffer {
  if (!last?.relu) return dy;
  const gradient = recorder.buffer(`gradient behind ${last.layer.kind}`, size(stage.output));
  recorder.run(reluGradient(size(stage.output)), last.y, dy, gradient);
  return gradient;
}

function linear(name: string, bias: boolean, place: Place): GPUBuffer | null {
  const { recorder, stage, store, dy } = place;
  const product = recorder.gpu.tuning.products ? productShape(stage) : null;
  linearGradients(name, bias, product, place);
  return inputOf(place, ({ mask, masked, dx }) => {
    const kernel = store.variable(`${name}/kernel`);
    if (product) return recorder.run(linearInputGradient(product, { mask }), dy, kernel, ...masked, dx);
    const shape = linearShape(stage);
    const transposed = recorder.buffer(`transposed ${name}`, kernel.size / 4);
    recorder.run(transposeKernel(shape), kernel, transposed);
    recorder.run(convInputGradient(shape, { ...recorder.gpu.tuning, mask }), dy, transposed, ...masked, dx);
  });
}

function linearGradients(
  name: string,
  bias: boolean,
  product: LinearShape | null,
  { recorder, stage, store, dy }: Place,
): void {
  const { tuning } = recorder.gpu;
  const gradient = store.gradient(`${name}/kernel`);
  const { kernel, parts } = product
    ? linearKernelGradient(product, tuning)
    : filterGradient(linearShape(stage), tuning);
  const partial = recorder.buffer(`parts of ${name}/kernel`, parts * gradient.size / 4);
  recorder.run(kernel, stage.x, dy, partial);
  recorder.run(sumParts(parts, gradient.size / 4), partial, gradient);
  if (!bias) return;
  const { rows, channels } = rowsOf(stage.output);
  const sums = columnSums(rows, channels, tuning);
  const biasPartial = recorder.buffer(`parts of ${name}/bias`, sums.parts * channels);
  recorder.run(sums.kernel, dy, biasPartial);
  recorder.run(sumParts(sums.parts, channels), biasPartial, store.gradient(`${name}/bias`));
}

function batchNorm(name: string, place: Place): GPUBuffer | null {
  const { recorder, stage, store, dy } = place;
  const sizes = rowsOf(stage.input);
  const { tuning } = recorder.gpu;
  const { kernel, parts } = partialGradients(sizes, tuning);
  const partial = recorder.buffer(`gradient parts of ${name}`, parts * 2 * sizes.channels);
  recorder.run(kernel, stage.x, stage.statistics!, dy, partial);
  const [dGamma, dBeta] = [store.gradient(`${name}/gamma`), store.gradient(`${name}/beta`)];
  recorder.run(joinGradients(sizes, tuning), partial, dGamma, dBeta);
  return inputOf(place, ({ x, mask, dx }) => {
    const gamma = store.variable(`${name}/gamma`);
    recorder.run(inputGradient(sizes, { mask }), x, stage.statistics!, gamma, dGamma, dBeta, dy, dx);
  });
}
