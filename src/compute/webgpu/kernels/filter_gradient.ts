import {
  type Kernel,
  kernel,
  lane,
  lanesOf,
  MAX_TRIPS,
  range,
  split,
  type Tuning,
  vector,
} from "../kernel.ts";
import type { ConvolutionShape } from "../../reference/convolution.ts";

/** More parts than this make the second pass longer than what they save. */
const MAX_PARTS = 512;

/**
 * `(x, dy) → parts [parts, kernelHeight, kernelWidth, in, out]`; {@link sumParts} adds them up. The gradient is
 * dW[ky, kx, ci, co] = Σ over b, oy, ox of x[b, oy·s + ky − p, ox·s + kx − p, ci] · dy[b, oy, ox, co].
 *
 * Rows of all images are shared out among `parts` invocations, each of which holds a tile of every kx × some ci × one
 * vector of co (where kx is one alone: of up to four times as many ci) in registers and walks its rows left to right; at stride 1 the window slides, so a pixel is loaded once
 * for all kx. Two passes in a fixed order instead of atomics: the same bits every time, and loops that stay short.
 */
export function filterGradient(shape: ConvolutionShape, tuning: Tuning): { kernel: Kernel; parts: number } {
  const { inChannels, outChannels, kernelHeight, kernelWidth, outWidth } = shape;
  const lanes = lanesOf(outChannels);
  const inTile = inChannels === 3 ? 3 : lanesOf(inChannels);
  // A kernel of one column has no window to slide: an invocation takes more channels of its pixel instead.
  const wide = kernelWidth === 1 ? lanesOf(inChannels / inTile) : 1;
  const [groups, inGroups] = [outChannels / lanes, inChannels / inTile / wide];
  const tiles = groups * inGroups * kernelHeight;
  const rows = shape.batch * shape.outHeight;
  const wanted = Math.min(MAX_PARTS, Math.ceil(tuning.invocations / tiles));
  const needed = Math.ceil(rows / Math.max(1, Math.floor(MAX_TRIPS / outWidth)));
  const { parts, each } = split(rows, Math.max(wanted, needed));
  const type = vector(lanes);
  const xType = inTile === 1 ? "f32" : `vec${inTile}<f32>`;
  const taps = range(kernelWidth * wide);
  const sums = taps.flatMap((kx) => range(inTile).map((ci) => `a${kx}_${ci}`));
  const multiply = taps.flatMap((kx) =>
    range(inTile).map((ci) => `a${kx}_${ci} = fma(${type}(${lane(`x${kx}`, ci, inTile)}), d, a${kx}_${ci});`)
  );
  const load = (tap: number, column: string) =>
    `x${tap} = load(origin, ${column}, inGroup${wide === 1 ? "" : ` * ${wide} + ${tap}`});`;
  const at = (tap: number) => `${(wide === 1 ? tap : 0) - shape.padLeft}`;
  // Phase 1 of a row fills the window's first columns, phase 2 shifts it and loads one column an output.
  const slides = shape.strideX === 1 && kernelWidth > 1;
  const prefill = slides ? taps.slice(1).map((kx) => load(kx, at(kx - 1))) : [];
  const advance = slides
    ? [
      ...taps.slice(1).map((kx) => `x${kx - 1} = x${kx};`),
      load(kernelWidth - 1, `column + ${at(kernelWidth - 1)}`),
    ]
    : taps.map((kx) => load(kx, `column * ${shape.strideX} + ${at(kx)}`));
  const store = taps.flatMap((tap) =>
    range(inTile).map((ci) => {
      const [kx, channel] = wide === 1
        ? [tap, `inGroup * ${inTile} + ${ci}`]
        : [0, `(inGroup * ${wide} + ${tap}) * ${inTile} + ${ci}`];
      return `partial[((out + ${kx}) * ${inChannels} + ${channel}) * ${groups} + group] = a${tap}_${ci};`;
    })
  );
  return {
    parts,
    kernel: kernel({
      name: `conv_filter_gradient ${shape.inHeight}x${shape.inWidth}x${inChannels}→${outChannels}`,
      reads: { x: inTile === 3 ? "f32" : xType, dy: type },
      writes: { partial: type },
      sizes: { invocations: tiles * parts, rows, parts, each },
      functions: loader(shape, inTile, xType),
      body: `let group = index % ${groups};
  let inGroup = (index / ${groups}) % ${inGroups};
  let ky = (index / ${groups * inGroups}) % ${kernelHeight};
  let part = index / ${tiles};
  ${sums.map((sum) => `var ${sum} = ${type}(0.0);`).join(" ")}
  ${taps.map((kx) => `var x${kx} = ${xType}(0.0);`).join(" ")}
  let end = min((part + 1) * sizes.each, sizes.rows);
  for (var row = part * sizes.each; row < end; row++) {
    let image = row / ${shape.outHeight};
    let line = (row % ${shape.outHeight}) * ${shape.strideY} + ky - ${shape.padTop};
    if (line < 0 || line >= ${shape.inHeight}) { continue; }
    let origin = (image * ${shape.inHeight} + line) * ${shape.inWidth};
    ${prefill.join(" ")}
    for (var column = 0; column < ${outWidth}; column++) {
      ${advance.join(" ")}
      let d = dy[(row * ${outWidth} + column) * ${groups} + group];
      ${multiply.join("\n      ")}
    }
  }
  let out = (part * ${kernelHeight} + ky) * ${kernelWidth};
  ${store.join("\n  ")}`,
    }),
  };
}

/** Some channels of a pixel, 0 outside the row. Three channels have no vector of their own in a buffer. */
function loader(shape: ConvolutionShape, inTile: number, type: string): string {
  const groups = shape.inChannels / inTile;
  const value = inTile === 3 ? "vec3<f32>(x[at], x[at + 1], x[at + 2])" : "x[at]";
  const scale = inTile === 3 ? 3 : 1;
  return `
fn load(origin: i32, column: i32, group: i32) -> ${type} {
  let inside = column >= 0 && column < ${shape.inWidth};
  let at = ((origin + clamp(column, 0, ${shape.inWidth - 1})) * ${groups} + group) * ${scale};
  return select(${type}(0.0), ${value}, inside);
}`;
}
