import { float, type Kernel, kernel, lanesOf, range, type Tuning, vector } from "../kernel.ts";
import { rowKernel, SHARE } from "./rows.ts";
import { splitRows } from "./sums.ts";

/**
 * Layer norm and RMS norm: each of `rows` (batch × positions) over its own `channels`. `statistics` is `[rows, 2]`: mean, 0 for
 * RMS norm, and 1 / √(mean square from it + ε). Kernels work on vectors of channels.
 */
export interface TokenNorm {
  readonly rows: number;
  readonly channels: number;
  /** True for layer norm, which subtracts the mean and adds β. */
  readonly centred: boolean;
  readonly epsilon: number;
}

/** `(x, γ, [β]) → y, statistics` */
export function tokenNorm({ rows, channels, centred, epsilon }: TokenNorm): Kernel {
  const { type, groups, sum } = vectors(channels);
  const loop = `for (var at = lane; at < ${groups}; at += ${SHARE})`;
  const mean = `var values = ${type}(0.0);
  ${loop} { values = values + (x[first + at] - shift); }
  let mean = shift_value + total(local, vec2<f32>(${sum("values")})).x / ${float(channels)};`;
  return rowKernel({
    name: `${nameOf(centred)} ${channels}`,
    reads: { x: type, gamma: type, ...(centred ? { beta: type } : {}) },
    writes: { y: type, statistics: "vec2<f32>" },
    rows,
    body: `let first = row * ${groups};
  let shift_value = ${lanesOf(channels) === 1 ? "x[first]" : "x[first].x"};
  let shift = ${type}(shift_value);
  ${centred ? mean : "let mean = 0.0;"}
  var squares = ${type}(0.0);
  ${loop} {
    let distance = x[first + at] - ${type}(mean);
    squares = fma(distance, distance, squares);
  }
  let variance = total(local, vec2<f32>(${sum("squares")})).x / ${float(channels)};
  let scale = 1.0 / sqrt(variance + ${float(epsilon)});
  if (open) {
    ${loop} {
      y[first + at] = (x[first + at] - ${type}(mean)) * scale * gamma[at]${centred ? " + beta[at]" : ""};
    }
    if (lane == 0) { statistics[row] = vec2<f32>(mean, scale); }
  }`,
  });
}

/**
 * `(x, statistics, γ, dy) → dx` = scale · (g − x̂ · mean(g x̂) − mean(g)) with g = γ dy, the last mean for layer norm alone;
 * with `mask`, 0 where x ≤ 0.
 */
export function tokenNormInputGradient(
  { rows, channels, centred }: TokenNorm,
  { mask }: { readonly mask: boolean },
): Kernel {
  const { type, groups, sum } = vectors(channels);
  const loop = `for (var at = lane; at < ${groups}; at += ${SHARE})`;
  const standard = `let standard = (x[first + at] - ${type}(known.x)) * known.y;`;
  const value = `(gamma[at] * dy[first + at] - standard * means.x${
    centred ? ` - ${type}(means.y)` : ""
  }) * known.y`;
  return rowKernel({
    name: `${nameOf(centred)}_input_gradient ${channels}`,
    reads: { x: type, statistics: "vec2<f32>", gamma: type, dy: type },
    writes: { dx: type },
    rows,
    body: `let first = row * ${groups};
  let known = statistics[row];
  var products = ${type}(0.0);
  var plain = ${type}(0.0);
  ${loop} {
    ${standard}
    let g = gamma[at] * dy[first + at];
    products = fma(g, standard, products);
    plain = plain + g;
  }
  let means = total(local, vec2<f32>(${sum("products")}, ${sum("plain")})) / ${float(channels)};
  if (open) {
    ${loop} {
      ${standard}
      dx[first + at] = ${mask ? `select(${type}(0.0), ${value}, x[first + at] > ${type}(0.0))` : value};
    }
  }`,
  });
}

/**
 * `(x, statistics, dy) → parts`: Σ dy · x̂ and, for layer norm, Σ dy of each part's rows: `[parts, 2, channels]` or
 * `[parts, channels]`.
 */
export function tokenNormGradients(
  { rows, channels, centred }: TokenNorm,
  tuning: Tuning,
): { kernel: Kernel; parts: number } {
  const { type, groups } = vectors(channels);
  const { parts, each } = splitRows(rows, channels, tuning);
  const stored = centred
    ? `partial[2 * part * ${groups} + group] = gamma;
  partial[(2 * part + 1) * ${groups} + group] = beta;`
    : `partial[part * ${groups} + group] = gamma;`;
  return {
    parts,
    kernel: kernel({
      name: `${nameOf(centred)}_gradient_sums ${channels}`,
      reads: { x: type, statistics: "vec2<f32>", dy: type },
      writes: { partial: type },
      sizes: { invocations: groups * parts, rows, parts, each },
      body: `let group = index % ${groups};
  let part = index / ${groups};
  let end = min((part + 1) * sizes.each, sizes.rows);
  var gamma = ${type}(0.0);
  var beta = ${type}(0.0);
  for (var row = part * sizes.each; row < end; row++) {
    let at = row * ${groups} + group;
    let known = statistics[row];
    gamma = fma(dy[at], (x[at] - ${type}(known.x)) * known.y, gamma);
    beta = beta + dy[at];
  }
  ${stored}`,
    }),
  };
}

function nameOf(centred: boolean): string {
  return centred ? "layer_norm" : "rms_norm";
}

function vectors(channels: number) {
  const lanes = lanesOf(channels);
  const sum = (value: string) =>
    lanes === 1 ? value : `(${range(lanes).map((at) => `${value}.${"xyzw"[at]}`).join(" + ")})`;
  return { type: vector(lanes), groups: channels / lanes, sum };
}
