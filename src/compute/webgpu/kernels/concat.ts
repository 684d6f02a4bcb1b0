import { type Kernel, kernel, lanesOf, vector } from "../kernel.ts";

/** `(a [rows, first], b [rows, second]) → y [rows, first + second]`: channels side by side. */
export function concatChannels(rows: number, first: number, second: number): Kernel {
  const lanes = lanesOf(gcd(first, second));
  const type = vector(lanes);
  const [left, right] = [first / lanes, second / lanes];
  const groups = left + right;
  return kernel({
    name: `concat ${first}+${second}`,
    reads: { a: type, b: type },
    writes: { y: type },
    sizes: { invocations: rows * groups, rows },
    body: `let row = index / ${groups};
  let group = index % ${groups};
  if (group < ${left}) { y[index] = a[row * ${left} + group]; }
  else { y[index] = b[row * ${right} + group - ${left}]; }`,
  });
}

/**
 * `(dy [rows, channels], [y]) → dx [rows, count]`: `count` channels from `first` on; with `mask`, 0 where y, the output
 * of the branch that they are of, is not above 0.
 */
export function sliceChannels(
  rows: number,
  channels: number,
  { first, count, mask }: { readonly first: number; readonly count: number; readonly mask: boolean },
): Kernel {
  const lanes = lanesOf(gcd(gcd(channels, first), count));
  const type = vector(lanes);
  const own = count / lanes;
  const value = `dy[(index / ${own}) * ${channels / lanes} + ${first / lanes} + index % ${own}]`;
  return kernel({
    name: `slice ${channels}[${first}..${first + count}]${mask ? " relu" : ""}`,
    reads: { dy: type, ...(mask ? { y: type } : {}) },
    writes: { dx: type },
    sizes: { invocations: rows * own, rows },
    body: `dx[index] = ${mask ? `select(${type}(0.0), ${value}, y[index] > ${type}(0.0))` : value};`,
  });
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
