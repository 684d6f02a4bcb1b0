import { type Kernel, kernel, lanesOf, MAX_TRIPS, split, type Tuning, vector } from "../kernel.ts";

/** `(parts [parts, length]) → [length]`, added in order. */
export function sumParts(parts: number, length: number): Kernel {
  const lanes = lanesOf(length);
  const groups = length / lanes;
  return kernel({
    name: `sum_parts ${length}`,
    reads: { partial: vector(lanes) },
    writes: { total: vector(lanes) },
    sizes: { invocations: groups, parts },
    body: `var sum = partial[index];
  for (var part = 1; part < sizes.parts; part++) { sum = sum + partial[part * ${groups} + index]; }
  total[index] = sum;`,
  });
}

/** Division of a reduction over rows, for every vector of channels, among workgroups; the second pass adds `parts`. */
export function splitRows(rows: number, channels: number, tuning: Tuning): { parts: number; each: number } {
  const groups = channels / lanesOf(channels);
  // The square root balances the loops of both passes where there are more invocations than can be used.
  const wanted = Math.min(Math.ceil(tuning.invocations / groups), Math.ceil(4 * Math.sqrt(rows)));
  return split(rows, Math.max(wanted, Math.ceil(rows / MAX_TRIPS)));
}

/** `(values [rows, channels]) → parts [parts, channels]`: column sums of each part's rows. */
export function columnSums(
  rows: number,
  channels: number,
  tuning: Tuning,
): { kernel: Kernel; parts: number } {
  const lanes = lanesOf(channels);
  const groups = channels / lanes;
  const { parts, each } = splitRows(rows, channels, tuning);
  const body = `let group = index % ${groups};
  let part = index / ${groups};
  var sum = ${vector(lanes)}(0.0);
  let end = min((part + 1) * sizes.each, sizes.rows);
  for (var row = part * sizes.each; row < end; row++) { sum = sum + values[row * ${groups} + group]; }
  partial[index] = sum;`;
  return {
    parts,
    kernel: kernel({
      name: `column_sums ${channels}`,
      reads: { values: vector(lanes) },
      writes: { partial: vector(lanes) },
      sizes: { invocations: groups * parts, rows, parts, each },
      body,
    }),
  };
}
