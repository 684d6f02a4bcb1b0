import { type Kernel, kernel, lanesOf, range, vector } from "../kernel.ts";
import type { Images } from "./pool.ts";

/** `(x) → y`: each pixel becomes `factor` × `factor`. */
export function upsample([batch, height, width, channels]: Images, factor: number): Kernel {
  const lanes = lanesOf(channels);
  const groups = channels / lanes;
  const [rows, columns] = [height * factor, width * factor];
  return kernel({
    name: `upsample ${height}x${width}x${channels} by ${factor}`,
    reads: { x: vector(lanes) },
    writes: { y: vector(lanes) },
    sizes: { invocations: batch * rows * columns * groups },
    body: `let group = index % ${groups};
  let column = index / ${groups} % ${columns};
  let row = index / ${groups * columns} % ${rows};
  let item = index / ${groups * columns * rows};
  y[index] = x[((item * ${height} + row / ${factor}) * ${width} + column / ${factor}) * ${groups} + group];`,
  });
}

/** `(dy, [x]) → dx`: the sum over each square, row by row; with `mask`, 0 where x ≤ 0. */
export function upsampleGradient(
  [batch, height, width, channels]: Images,
  factor: number,
  options: { readonly mask: boolean },
): Kernel {
  const lanes = lanesOf(channels);
  const type = vector(lanes);
  const groups = channels / lanes;
  const columns = width * factor;
  const places = range(factor * factor).map((at) =>
    (Math.floor(at / factor) * columns + at % factor) * groups
  );
  return kernel({
    name: `upsample_gradient ${height}x${width}x${channels} by ${factor}${options.mask ? " relu" : ""}`,
    reads: { dy: type, ...(options.mask ? { x: type } : {}) },
    writes: { dx: type },
    sizes: { invocations: batch * height * width * groups },
    body: `let group = index % ${groups};
  let column = index / ${groups} % ${width};
  let line = index / ${groups * width};
  let first = (line * ${factor * columns} + column * ${factor}) * ${groups} + group;
  let sum = ${places.map((place) => `dy[first + ${place}]`).join(" + ")};
  dx[index] = ${options.mask ? `select(${type}(0.0), sum, x[index] > ${type}(0.0))` : "sum"};`,
  });
}
