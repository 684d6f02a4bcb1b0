import type { ConvLayer, Layer } from "./model.ts";

const conv = (name: string, filters: number, bias: boolean): ConvLayer => ({
  kind: "conv",
  name,
  filters,
  kernel: 3,
  stride: 1,
  padding: "same",
  bias,
});
const relu: Layer = { kind: "relu" };
export const pool: Layer = { kind: "max_pool", size: 2 };
export const head = (classes: number, ...before: Layer[]): Layer[] => [
  { kind: "global_average_pool" },
  ...before,
  { kind: "dense", name: "dense", units: classes },
];

/** Convolution, batch norm, ReLU. */
export const block = (index: number, filters: number): Layer[] => [
  conv(`conv${index}`, filters, false),
  { kind: "batch_norm", name: `norm${index}` },
  relu,
];

/** Three convolutions with ReLU, max-pool between them. */
export const pyramid = ([first, second, third]: readonly [number, number, number]): Layer[] => [
  conv("conv1", first, true),
  relu,
  pool,
  conv("conv2", second, true),
  relu,
  pool,
  conv("conv3", third, true),
  relu,
];

export const CHANNELS = [16, 32, 64];
const BLOCKS = 3;

/** Three stages of three blocks; the first block of each stage but the first halves height and width. */
export function residualStages(): Layer[] {
  return CHANNELS.flatMap((filters, stage) =>
    Array.from({ length: BLOCKS }, (_, block) => {
      const narrows = stage > 0 && block === 0;
      return basicBlock(`stage${stage + 1}/block${block + 1}`, filters, narrows);
    }).flat()
  );
}

/** Two convolutions with batch norm beside a shortcut: x itself or, where the shape changes, option B of the paper. */
function basicBlock(name: string, filters: number, narrows: boolean): Layer[] {
  const stride = narrows ? 2 : 1;
  const norm = (layer: string): Layer => ({ kind: "batch_norm", name: `${name}/${layer}` });
  const main: Layer[] = [
    { ...conv(`${name}/conv1`, filters, false), stride },
    norm("norm1"),
    relu,
    conv(`${name}/conv2`, filters, false),
    norm("norm2"),
  ];
  const projection: Layer[] = [
    { ...conv(`${name}/shortcut/conv`, filters, false), kernel: 1, stride },
    norm("shortcut/norm"),
  ];
  return [{ kind: "residual", name, main, shortcut: narrows ? projection : [] }, relu];
}

/** Convolutions of one level, each with batch norm and ReLU. */
function level(name: string, filters: number, convolutions: number): Layer[] {
  return Array.from({ length: convolutions }, (_, index) => [
    conv(`${name}/conv${index + 1}`, filters, false),
    { kind: "batch_norm", name: `${name}/norm${index + 1}` } satisfies Layer,
    relu,
  ]).flat();
}

/**
 * A U-Net (Ronneberger et al., 2015) with batch norm: levels of halved height and width, each joined by a skip connection
 * to the upsampled one below it, and a convolution of one pixel to the logits of each pixel.
 */
export function unet(channels: readonly number[], convolutions: number, classes: number): Layer[] {
  const from = (depth: number): Layer[] => {
    const filters = channels[depth]!;
    const down = level(`down${depth + 1}`, filters, convolutions);
    if (depth === channels.length - 1) return down;
    const main: Layer[] = [pool, ...from(depth + 1), { kind: "upsample", size: 2 }];
    const skip: Layer = { kind: "concat", name: `skip${depth + 1}`, main, shortcut: [] };
    return [...down, skip, ...level(`up${depth + 1}`, filters, convolutions)];
  };
  return [...from(0), { ...conv("head", classes, true), kernel: 1 }];
}
