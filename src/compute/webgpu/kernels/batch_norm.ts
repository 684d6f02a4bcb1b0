import { BATCH_NORM_EPSILON } from "../../layers/batch_norm.ts";
import { float, type Kernel, kernel, lanesOf, rectified, rectifier, type Tuning, vector } from "../kernel.ts";
import { splitRows } from "./sums.ts";

/**
 * Batch norm over `rows` = batch × height × width, per channel. `statistics` is `[2, channels]`: mean and
 * 1 / √(variance + ε). Every kernel works on a vector of channels.
 */
interface Extent {
  readonly rows: number;
  readonly channels: number;
}

/**
 * `(x) → parts [parts, 2, channels]`: mean and Σ (x − mean)² of each part's rows. Squares are taken about the part's
 * own mean and sums from its first row, so that no digits are lost where the mean is large.
 */
export function partialMoments(
  { rows, channels }: Extent,
  tuning: Tuning,
): { kernel: Kernel; parts: number } {
  const { type, groups } = vectors(channels);
  const { parts, each } = splitRows(rows, channels, tuning);
  return {
    parts,
    kernel: kernel({
      name: `batch_norm_moments ${channels}`,
      reads: { x: type },
      writes: { partial: type },
      sizes: { invocations: groups * parts, rows, parts, each },
      body: `let group = index % ${groups};
  let part = index / ${groups};
  let begin = part * sizes.each;
  let end = min(begin + sizes.each, sizes.rows);
  let shift = x[begin * ${groups} + group];
  var mean = ${type}(0.0);
  for (var row = begin; row < end; row++) { mean = mean + (x[row * ${groups} + group] - shift); }
  mean = shift + mean / f32(end - begin);
  var squares = ${type}(0.0);
  for (var row = begin; row < end; row++) {
    let distance = x[row * ${groups} + group] - mean;
    squares = fma(distance, distance, squares);
  }
  partial[2 * part * ${groups} + group] = mean;
  partial[(2 * part + 1) * ${groups} + group] = squares;`,
    }),
  };
}

/**
 * `(parts, controls) → statistics, moving mean, moving variance`: joins the parts (Chan, Golub and LeVeque, 1979) and moves the
 * moving statistics, of which `controls[4]` stays and `controls[5]` is new; the new variance is the unbiased one. A
 * single row leaves the moving variance where it is.
 */
export function joinMoments({ rows, channels }: Extent, tuning: Tuning): Kernel {
  const { type, groups } = vectors(channels);
  const { parts, each } = splitRows(rows, channels, tuning);
  const blend = (old: string, fresh: string) => `${old} = ${old} * controls[4] + ${fresh} * controls[5];`;
  return kernel({
    name: `batch_norm_join ${channels}`,
    reads: { partial: type, controls: "f32" },
    writes: { statistics: type, movingMean: type, movingVariance: type },
    sizes: { invocations: groups, rows, parts, each },
    body: `let shift = partial[index];
  var count = 0.0;
  var mean = ${type}(0.0);
  var squares = ${type}(0.0);
  for (var part = 0; part < sizes.parts; part++) {
    let fresh = f32(min(sizes.each, sizes.rows - part * sizes.each));
    let distance = (partial[2 * part * ${groups} + index] - shift) - mean;
    let total = count + fresh;
    mean = mean + distance * (fresh / total);
    squares = squares + partial[(2 * part + 1) * ${groups} + index] + distance * distance * (count * fresh / total);
    count = total;
  }
  mean = mean + shift;
  statistics[index] = mean;
  statistics[${groups} + index] = ${type}(1.0) / sqrt(squares / f32(sizes.rows) + ${
      float(BATCH_NORM_EPSILON)
    });
  ${blend("movingMean[index]", "mean")}
  if (sizes.rows > 1) { ${blend("movingVariance[index]", "squares / f32(sizes.rows - 1)")} }`,
  });
}

/** `(moving mean, moving variance) → statistics`, for inference. */
export function movingToStatistics(channels: number): Kernel {
  const { type, groups } = vectors(channels);
  return kernel({
    name: `batch_norm_inference ${channels}`,
    reads: { movingMean: type, movingVariance: type },
    writes: { statistics: type },
    sizes: { invocations: groups },
    body: `statistics[index] = movingMean[index];
  statistics[${groups} + index] = ${type}(1.0) / sqrt(movingVariance[index] + ${float(BATCH_NORM_EPSILON)});`,
  });
}

/** `(x, statistics, γ, β) → y = γ (x − mean) / √(variance + ε) + β`, with ReLU where asked for. */
export function normalise({ rows, channels }: Extent, options: { readonly relu: boolean }): Kernel {
  const { type, groups } = vectors(channels);
  const value = `(x[index] - statistics[group]) * statistics[${groups} + group] * gamma[group] + beta[group]`;
  return kernel({
    name: `batch_norm_apply ${channels}`,
    reads: { x: type, statistics: type, gamma: type, beta: type },
    writes: { y: type },
    sizes: { invocations: rows * groups, rows },
    functions: options.relu ? rectifier(lanesOf(channels)) : "",
    body: `let group = index % ${groups};
  y[index] = ${options.relu ? rectified(value, lanesOf(channels)) : value};`,
  });
}

/** `(x, statistics, dy) → parts [parts, 2, channels]`: Σ dy · x̂ and Σ dy of each part's rows. */
export function partialGradients(
  { rows, channels }: Extent,
  tuning: Tuning,
): { kernel: Kernel; parts: number } {
  const { type, groups } = vectors(channels);
  const { parts, each } = splitRows(rows, channels, tuning);
  return {
    parts,
    kernel: kernel({
      name: `batch_norm_gradient_sums ${channels}`,
      reads: { x: type, statistics: type, dy: type },
      writes: { partial: type },
      sizes: { invocations: groups * parts, rows, parts, each },
      body: `let group = index % ${groups};
  let part = index / ${groups};
  let end = min((part + 1) * sizes.each, sizes.rows);
  var gamma = ${type}(0.0);
  var beta = ${type}(0.0);
  for (var row = part * sizes.each; row < end; row++) {
    let at = row * ${groups} + group;
    let standard = (x[at] - statistics[group]) * statistics[${groups} + group];
    gamma = fma(dy[at], standard, gamma);
    beta = beta + dy[at];
  }
  partial[2 * part * ${groups} + group] = gamma;
  partial[(2 * part + 1) * ${groups} + group] = beta;`,
    }),
  };
}

/** `(parts) → dγ, dβ`, added in order. */
export function joinGradients({ rows, channels }: Extent, tuning: Tuning): Kernel {
  const { type, groups } = vectors(channels);
  const { parts } = splitRows(rows, channels, tuning);
  return kernel({
    name: `batch_norm_gradient_join ${channels}`,
    reads: { partial: type },
    writes: { gamma: type, beta: type },
    sizes: { invocations: groups, parts },
    body: `var gammaSum = ${type}(0.0);
  var betaSum = ${type}(0.0);
  for (var part = 0; part < sizes.parts; part++) {
    gammaSum = gammaSum + partial[2 * part * ${groups} + index];
    betaSum = betaSum + partial[(2 * part + 1) * ${groups} + index];
  }
  gamma[index] = gammaSum;
  beta[index] = betaSum;`,
  });
}

/**
 * `(x, statistics, γ, dγ, dβ, dy) → dx = γ / √(variance + ε) · (dy − dβ / rows − x̂ · dγ / rows)`; with `mask`, 0 where
 * x ≤ 0.
 */
export function inputGradient({ rows, channels }: Extent, options: { readonly mask: boolean }): Kernel {
  const { type, groups } = vectors(channels);
  const value = "gamma[group] * scale * (dy[index] - (dBeta[group] + standard * dGamma[group]) * share)";
  return kernel({
    name: `batch_norm_input_gradient ${channels}`,
    reads: { x: type, statistics: type, gamma: type, dGamma: type, dBeta: type, dy: type },
    writes: { dx: type },
    sizes: { invocations: rows * groups, rows },
    body: `let group = index % ${groups};
  let share = 1.0 / f32(sizes.rows);
  let scale = statistics[${groups} + group];
  let standard = (x[index] - statistics[group]) * scale;
  dx[index] = ${options.mask ? `select(${type}(0.0), ${value}, x[index] > ${type}(0.0))` : value};`,
  });
}

function vectors(channels: number): { type: string; groups: number } {
  const lanes = lanesOf(channels);
  return { type: vector(lanes), groups: channels / lanes };
}
