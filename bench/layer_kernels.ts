import {
  attentionFloats,
  type AttentionSizes,
  attentionStage,
  weightFloats,
} from "#compute/wasm/attention_stage.ts";
import type { Kernels } from "#compute/wasm/kernels.ts";
import { layerNormStage } from "#compute/wasm/layer_norm_stage.ts";
import { Arena } from "#compute/wasm/plane.ts";
import { smoothActivationStage } from "#compute/wasm/smooth_activation_stage.ts";
import type { Share, Stage } from "#compute/wasm/stages.ts";
import type { KernelFigures } from "./kernel_figures.ts";
import { attentionOperations } from "./operations.ts";

/** Times kernels on a filled memory. */
interface Timer {
  /** Milliseconds. */
  readonly fastest: (run: () => void) => number;
  readonly loadFilled: (arena: Arena) => Kernels;
}

/** Forward and backward of what stands between the linear layers of a transformer. */
export function timeTransformer(
  sizes: AttentionSizes,
  batch: number,
  peak: number,
  timer: Timer,
): KernelFigures[] {
  const { tokens, units, heads, causal } = sizes;
  const operations = batch * attentionOperations(sizes);
  const shape = `${tokens}, ${heads} × ${units / heads}`;
  const arena = new Arena();
  const plane = (channels: number) => arena.plane(batch, [tokens, 1, channels]);
  const ends = (channels: number, outChannels = channels) => ({
    input: plane(channels),
    output: plane(outChannels),
    outGradient: plane(outChannels),
    inGradient: plane(channels),
  });
  const slot = () => ({ value: arena.floats(units), gradient: arena.floats(units) });
  const attention = attentionStage({
    heads,
    causal,
    drops: null,
    ...ends(3 * units, units),
    weights: arena.floats(batch * heads * weightFloats(tokens)),
    scratch: arena.floats(attentionFloats(sizes)),
  });
  const norm = layerNormStage({
    ...ends(units),
    gamma: slot(),
    beta: slot(),
    stats: arena.floats(2 * batch * tokens),
    sums: arena.floats(2 * units),
  });
  const gelu = smoothActivationStage({
    ...ends(4 * units),
    slopes: arena.floats(4 * batch * tokens * units),
    squared: false,
  });
  const kernels = timer.loadFilled(arena);
  const share: Share = { size: batch, total: batch, keep: 1, dropoutMask: 0, allReduce: () => {} };
  const both = (kernel: string, shape: string, stage: Stage, counts: [number, number] | null) =>
    ([["", 0], [" gradient", 1]] as const).map(([suffix, index]): KernelFigures => {
      const run = index === 0
        ? () => stage.forward(kernels, share, true)
        : () => stage.backward(kernels, share);
      const ms = timer.fastest(run);
      const gflops = counts && counts[index] / ms / 1e6;
      return { kernel: kernel + suffix, shape, ms, gflops, share_of_peak: gflops && gflops / peak };
    });
  return [
    ...both(causal ? "causal attention" : "attention", shape, attention, [operations, 2 * operations]),
    ...both("layer norm", `${tokens}, ${units}`, norm, null),
    ...both("GELU", `${tokens}, ${4 * units}`, gelu, null),
  ];
}
