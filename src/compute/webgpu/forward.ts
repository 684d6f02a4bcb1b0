import { assertNever } from "#lib/assert_never.ts";
import { type DropoutLayer, dropoutsOf } from "../dropout_mask.ts";
import type { Layer } from "../model.ts";
import { joinMoments, movingToStatistics, normalise, partialMoments } from "./kernels/batch_norm.ts";
import { dropout } from "./kernels/dropout.ts";
import { convForward } from "./kernels/convolution.ts";
import { globalAveragePool, type Images, maxPool, relu } from "./kernels/pool.ts";
import { add } from "./kernels/sum.ts";
import type { Recorder } from "./recorder.ts";
import { linearShape, type Recorded, rowsOf, size, type Stage, stagesOf, unitsOf } from "./stages.ts";
import type { Store } from "./store.ts";

/**
 * Training normalises by the batch's own statistics and moves the moving ones, as `controls` says; inference normalises
 * by those. Only training with `dropoutMask` drops anything.
 */
export type Mode =
  | { readonly kind: "training"; readonly controls: GPUBuffer; readonly dropoutMask?: GPUBuffer }
  | { readonly kind: "inference" };

/**
 * Records layers one after the other; `shape` is that of the input, the batch included, and `dropouts` layers with
 * dropout come before.
 */
export function forward(
  recorder: Recorder,
  { layers, shape, dropouts = 0 }: {
    readonly layers: readonly Layer[];
    readonly shape: readonly number[];
    readonly dropouts?: number;
  },
  store: Store,
  x: GPUBuffer,
  mode: Mode,
): { stages: Recorded[]; y: GPUBuffer } {
  const stages: Recorded[] = [];
  let y = x;
  for (const stage of stagesOf(layers, shape, dropouts)) {
    const done = stageForward(recorder, stage, store, y, mode);
    stages.push(done);
    y = done.y;
  }
  return { stages, y };
}

function stageForward(recorder: Recorder, stage: Stage, store: Store, x: GPUBuffer, mode: Mode): Recorded {
  const { layer, input, output } = stage;
  if (layer.kind === "dropout") return dropOut(recorder, stage, layer, x, mode);
  const y = recorder.buffer(`output of ${layer.kind}`, size(output));
  const images = input as Images;
  switch (layer.kind) {
    case "conv":
    case "dense": {
      const bias = layer.kind === "dense" || layer.bias;
      const kernel = convForward(linearShape(stage), { ...recorder.gpu.tuning, bias, relu: stage.relu });
      const biases = bias ? [store.variable(`${layer.name}/bias`)] : [];
      recorder.run(kernel, x, store.variable(`${layer.name}/kernel`), ...biases, y);
      break;
    }
    case "batch_norm":
      return { ...stage, x, y, statistics: batchNorm(recorder, stage, layer.name, store, x, y, mode) };
    case "relu":
      recorder.run(relu(size(input)), x, y);
      break;
    case "max_pool":
      recorder.run(maxPool(images, layer.size), x, y);
      break;
    case "global_average_pool":
      recorder.run(globalAveragePool(images), x, y);
      break;
    case "residual": {
      const dropouts = stage.dropouts + dropoutsOf(layer.main).length;
      const main = forward(
        recorder,
        { layers: layer.main, shape: input, dropouts: stage.dropouts },
        store,
        x,
        mode,
      );
      const shortcut = forward(recorder, { layers: layer.shortcut, shape: input, dropouts }, store, x, mode);
      recorder.run(add(size(output), { relu: stage.relu }), main.y, shortcut.y, y);
      return { ...stage, x, y, branches: [main.stages, shortcut.stages] };
    }
    default:
      assertNever(layer);
  }
  return { ...stage, x, y };
}

/** Where nothing is dropped, the output is the input. */
function dropOut(
  recorder: Recorder,
  stage: Stage,
  layer: DropoutLayer,
  x: GPUBuffer,
  mode: Mode,
): Recorded {
  const dropoutMask = mode.kind === "training" ? mode.dropoutMask : undefined;
  if (!dropoutMask) return { ...stage, x, y: x };
  const units = unitsOf(stage.input);
  const y = recorder.buffer(`output of ${layer.name}`, size(stage.output));
  recorder.run(dropout(units, layer, { place: stage.dropouts, mask: false }), x, dropoutMask, y);
  return { ...stage, x, y, dropoutMask };
}

function batchNorm(
  recorder: Recorder,
  stage: Stage,
  name: string,
  store: Store,
  x: GPUBuffer,
  y: GPUBuffer,
  mode: Mode,
): GPUBuffer {
  const sizes = rowsOf(stage.input);
  const { tuning } = recorder.gpu;
  const statistics = recorder.buffer(`statistics of ${name}`, 2 * sizes.channels);
  const moving = [store.variable(`${name}/moving_mean`), store.variable(`${name}/moving_variance`)];
  if (mode.kind === "training") {
    const { kernel, parts } = partialMoments(sizes, tuning);
    const partial = recorder.buffer(`moments of ${name}`, parts * 2 * sizes.channels);
    recorder.run(kernel, x, partial);
    recorder.run(joinMoments(sizes, tuning), partial, mode.controls, statistics, ...moving);
  } else {
    recorder.run(movingToStatistics(sizes.channels), ...moving, statistics);
  }
  const affine = [store.variable(`${name}/gamma`), store.variable(`${name}/beta`)];
  recorder.run(normalise(sizes, { relu: stage.relu }), x, statistics, ...affine, y);
  return statistics;
}
