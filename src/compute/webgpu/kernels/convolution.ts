import type { ConvolutionShape } from "../../reference/convolution.ts";
import {
  float,
  type Kernel,
  kernel,
  lane,
  lanesOf,
  range,
  rectified,
  rectifier,
  type Tuning,
  vector,
} from "../kernel.ts";

/** Wider kernels would make the unrolled code too long. */
export const MAX_KERNEL_WIDTH = 7;

/**
 * `(x, kernel, [bias]) → y`: y[b, oy, ox, co] = Σ x[b, oy·s + ky − p, ox·s + kx − p, ci] · kernel[ky, kx, ci, co],
 * plus bias and ReLU where asked for.
 */
export function convForward(
  shape: ConvolutionShape,
  options: Tuning & { readonly bias: boolean; readonly relu: boolean },
): Kernel {
  const { strideX, padLeft, inHeight } = shape;
  return correlate({
    name: "conv_forward",
    shape,
    from: { width: shape.inWidth, height: inHeight, channels: shape.inChannels },
    to: { width: shape.outWidth, height: shape.outHeight, channels: shape.outChannels },
    columns: Math.min(options.columns, shape.outWidth),
    base: `column * ${strideX}`,
    offset: (column, kx) => column * strideX + kx - padLeft,
    row: `let line = row * ${shape.strideY} + ky - ${shape.padTop};
      if (line < 0 || line >= ${inHeight}) { continue; }`,
    bias: options.bias,
    relu: options.relu,
    mask: false,
  });
}

/**
 * `(dy, transposed kernel, [x]) → dx`, the gradient for the input. The kernel is `[height, width, out, in]`, from
 * {@link transposeKernel}. With `mask`, dx is 0 where x ≤ 0: the gradient of the ReLU that made x.
 */
export function convInputGradient(
  shape: ConvolutionShape,
  options: Tuning & { readonly mask: boolean },
): Kernel {
  const { strideY, strideX, padLeft, outHeight } = shape;
  // A tile starts at a multiple of the stride, so which outputs a column touches is known when code is written.
  const columns = Math.ceil(Math.min(options.columns, shape.inWidth) / strideX) * strideX;
  return correlate({
    name: "conv_input_gradient",
    shape,
    from: { width: shape.outWidth, height: outHeight, channels: shape.outChannels },
    to: { width: shape.inWidth, height: shape.inHeight, channels: shape.inChannels },
    columns,
    base: `column / ${strideX}`,
    offset: (column, kx) => {
      const distance = column + padLeft - kx;
      return distance % strideX === 0 ? distance / strideX : null;
    },
    row: `let reach = row + ${shape.padTop} - ky;
      let line = reach / ${strideY};
      if (reach < 0 || reach % ${strideY} != 0 || line >= ${outHeight}) { continue; }`,
    bias: false,
    relu: false,
    mask: options.mask,
  });
}

/** `(kernel [height, width, in, out]) → [height, width, out, in]` */
export function transposeKernel(shape: ConvolutionShape): Kernel {
  const { kernelHeight, kernelWidth, inChannels, outChannels } = shape;
  const size = kernelHeight * kernelWidth * inChannels * outChannels;
  return kernel({
    name: `transpose_kernel ${kernelHeight}x${kernelWidth}x${inChannels}x${outChannels}`,
    reads: { w: "f32" },
    writes: { transposed: "f32" },
    sizes: { invocations: size },
    body: `let ci = index % ${inChannels};
  let co = (index / ${inChannels}) % ${outChannels};
  let tap = index / ${inChannels * outChannels};
  transposed[index] = w[(tap * ${inChannels} + ci) * ${outChannels} + co];`,
  });
}

interface Correlation {
  readonly name: string;
  readonly shape: ConvolutionShape;
  readonly from: { width: number; height: number; channels: number };
  readonly to: { width: number; height: number; channels: number };
  /** Columns of `to` that one invocation computes, side by side. */
  readonly columns: number;
  /** First column of a tile in `from`, given its first column in `to` (`column`). */
  readonly base: string;
  /** Column of `from`, from the base on, that tap `kx` takes for a column of the tile; `null` for none. */
  readonly offset: (column: number, kx: number) => number | null;
  /** Sets `line`, the row of `from` for row `row` and tap `ky`, or continues. */
  readonly row: string;
  readonly bias: boolean;
  readonly relu: boolean;
  readonly mask: boolean;
}

/**
 * One invocation computes `columns` neighbouring pixels of one row for one vector of output channels. For each kernel
 * row and vector of input channels it loads the pixels that the tile needs once and uses them for every tap. No shared
 * memory or barriers, so the same code suits a GPU and a software driver. Trips: kernel rows × input vectors.
 */
function correlate(plan: Correlation): Kernel {
  const { from, to, columns, shape } = plan;
  const outLanes = lanesOf(to.channels);
  const inLanes = lanesOf(from.channels);
  const [outType, inType] = [vector(outLanes), vector(inLanes)];
  const groups = to.channels / outLanes;
  const tiles = Math.ceil(to.width / columns);
  const inGroups = from.channels / inLanes;
  const taps = range(columns).flatMap((column) =>
    range(shape.kernelWidth).map((kx) => ({ column, kx, offset: plan.offset(column, kx) }))
  );
  const offsets = [...new Set(taps.map(({ offset }) => offset))].filter((offset) => offset !== null);
  const pixel = (offset: number) => `p${offset < 0 ? `m${-offset}` : offset}`;
  const load = (offset: number) =>
    `let ${pixel(offset)} = load(origin, base + ${offset}, channel);`.replace("+ -", "- ");
  const weight = (kx: number, part: number) =>
    `w[((ky * ${shape.kernelWidth} + ${kx}) * ${from.channels} + channel * ${inLanes} + ${part}) * ${groups} + group]`;
  const multiply = range(shape.kernelWidth).flatMap((kx) =>
    range(inLanes).flatMap((part) => [
      `let w${kx}_${part} = ${weight(kx, part)};`,
      ...taps.filter((tap) => tap.kx === kx && tap.offset !== null).map(({ column, offset }) =>
        `a${column} = fma(${outType}(${lane(pixel(offset!), part, inLanes)}), w${kx}_${part}, a${column});`
      ),
    ])
  );
  const store = range(columns).map((column) => {
    let value = `a${column}`;
    if (plan.bias) value = `${value} + bias[group]`;
    if (plan.relu) value = rectified(value, outLanes);
    const at = `out + ${column * groups}`;
    if (plan.mask) value = `select(${outType}(0.0), ${value}, x[${at}] > ${outType}(0.0))`;
    return `if (column + ${column} < ${to.width}) { y[${at}] = ${value}; }`;
  });
  return kernel({
    name: `${plan.name} ${from.height}x${from.width}x${from.channels}→${to.channels}`,
    reads: {
      source: inType,
      w: outType,
      ...(plan.bias ? { bias: outType } : {}),
      ...(plan.mask ? { x: outType } : {}),
    },
    writes: { y: outType },
    sizes: { invocations: groups * tiles * to.height * shape.batch },
    functions: `${plan.relu ? rectifier(outLanes) : ""}
fn load(origin: i32, column: i32, channel: i32) -> ${inType} {
  let inside = column >= 0 && column < ${from.width};
  let pixel = origin + clamp(column, 0, ${from.width - 1});
  return select(${inType}(${float(0)}), source[pixel * ${inGroups} + channel], inside);
}`,
    body: `let group = index % ${groups};
  let tile = index / ${groups};
  let column = (tile % ${tiles}) * ${columns};
  let row = (tile / ${tiles}) % ${to.height};
  let image = tile / ${tiles * to.height};
  let base = ${plan.base};
  ${range(columns).map((column) => `var a${column} = ${outType}(0.0);`).join(" ")}
  for (var ky = 0; ky < ${shape.kernelHeight}; ky++) {
      ${plan.row}
      let origin = (image * ${from.height} + line) * ${from.width};
      for (var channel = 0; channel < ${inGroups}; channel++) {
        ${[...offsets.map(load), ...multiply].join("\n        ")}
      }
  }
  let out = ((image * ${to.height} + row) * ${to.width} + column) * ${groups} + group;
  ${store.join("\n  ")}`,
  });
}
