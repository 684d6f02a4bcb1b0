import { dropoutsOf } from "../dropout_layers.ts";
import type { DropoutLayer } from "../dropout_mask.ts";
import type { LayerKind } from "../layers/catalog.ts";
import { missingKernel } from "../missing_kernel.ts";
import type { Layer } from "../model.ts";
import { drop } from "./drop.ts";
import { dropoutMaskOf, type ForwardPlace as Place, type Mode, outputOf, single } from "./forward_place.ts";
import { TOKEN_FORWARD } from "./forward_tokens.ts";
import type { Kernel } from "./kernel.ts";
import { joinMoments, movingToStatistics, normalise, partialMoments } from "./kernels/batch_norm.ts";
import { concatChannels } from "./kernels/concat.ts";
import { convForward } from "./kernels/convolution.ts";
import { linearForward } from "./kernels/linear.ts";
import { globalAveragePool, type Images, maxPool, relu } from "./kernels/pool.ts";
import { add } from "./kernels/sum.ts";
import { upsample } from "./kernels/upsample.ts";
import type { Recorder } from "./recorder.ts";
import { linearShape, productShape, type Recorded, rowsOf, size, stagesOf } from "./stages.ts";
import type { Store } from "./store.ts";

/**
 * Records layers one after the other; `shape` is that of the input, the batch included, and `dropouts` layers that
 * drop something come before.
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
    const done = stageForward({ recorder, stage, store, x: y, mode });
    stages.push(done);
    y = done.y;
  }
  return { stages, y };
}

type Build<K extends Layer["kind"]> = (layer: LayerKind<K>, place: Place) => Recorded;

/** By the layer's kind. */
const FORWARD: { readonly [K in Layer["kind"]]?: Build<K> } = {
  ...TOKEN_FORWARD,
  conv: (layer, place) => linear(layer.name, layer.bias, place),
  dense: ({ name }, place) => linear(name, true, place),
  batch_norm: ({ name }, place) => batchNorm(name, place),
  relu: (_layer, place) => single(place, relu(size(place.stage.input))),
  max_pool: (layer, place) => single(place, maxPool(place.stage.input as Images, layer.size)),
  global_average_pool: (_layer, place) => single(place, globalAveragePool(place.stage.input as Images)),
  dropout: (layer, place) => dropOut(layer, place),
  upsample: (layer, place) => single(place, upsample(place.stage.input as Images, layer.size)),
  residual: (layer, place) => {
    const { relu, output } = place.stage;
    return branched(layer, place, () => add(size(output), { relu }));
  },
  concat: (layer, place) =>
    branched(layer, place, ([main, shortcut]) => {
      const channels = [main, shortcut].map((stages) =>
        rowsOf(stages.at(-1)?.output ?? place.stage.input).channels
      );
      return concatChannels(rowsOf(place.stage.output).rows, channels[0]!, channels[1]!);
    }),
};

/** @throws {TypeError} for a layer that there are no kernels for. */
function stageForward(place: Place): Recorded {
  const { layer } = place.stage;
  const build = FORWARD[layer.kind] as Build<Layer["kind"]> | undefined;
  if (!build) throw missingKernel("WebGPU", "layer", layer.kind, Object.keys(FORWARD));
  return build(layer, place);
}

function linear(name: string, bias: boolean, place: Place): Recorded {
  const { recorder, stage, store, x } = place;
  const y = outputOf(place);
  const { tuning } = recorder.gpu;
  const options = { bias, relu: stage.relu };
  const product = tuning.products ? productShape(stage) : null;
  const kernel = product
    ? linearForward(product, options)
    : convForward(linearShape(stage), { ...tuning, ...options });
  const biases = bias ? [store.variable(`${name}/bias`)] : [];
  recorder.run(kernel, x, store.variable(`${name}/kernel`), ...biases, y);
  return { ...stage, x, y };
}

/** Both branches, one after the other, and a kernel that makes the output of theirs. */
function branched(
  { main, shortcut }: { readonly main: readonly Layer[]; readonly shortcut: readonly Layer[] },
  place: Place,
  join: (branches: readonly [readonly Recorded[], readonly Recorded[]]) => Kernel,
): Recorded {
  const { recorder, stage, store, x, mode } = place;
  const y = outputOf(place);
  const shape = stage.input;
  const before = stage.dropouts;
  const first = forward(recorder, { layers: main, shape, dropouts: before }, store, x, mode);
  const dropouts = before + dropoutsOf(main).length;
  const second = forward(recorder, { layers: shortcut, shape, dropouts }, store, x, mode);
  recorder.run(join([first.stages, second.stages]), first.y, second.y, y);
  return { ...stage, x, y, branches: [first.stages, second.stages] };
}

/** Dropout; without a mask the output is the input. */
function dropOut(layer: DropoutLayer, { recorder, stage, x, mode }: Place): Recorded {
  const dropoutMask = dropoutMaskOf(mode);
  if (!dropoutMask) return { ...stage, x, y: x };
  const label = `output of ${layer.name}`;
  const y = drop(recorder, layer, stage, { x, shape: stage.input, mask: dropoutMask, label });
  return { ...stage, x, y, dropoutMask };
}

function batchNorm(name: string, place: Place): Recorded {
  const { recorder, stage, store, x, mode } = place;
  const y = outputOf(place);
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
  return { ...stage, x, y, statistics };
}
