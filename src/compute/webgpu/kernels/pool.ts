import { float, type Kernel, kernel, lanesOf, range, rectified, rectifier, vector } from "../kernel.ts";

/** Images as `[batch, height, width, channels]`. */
export type Images = readonly [batch: number, height: number, width: number, channels: number];

/** `(x) → y`: the largest value of each window; stride equals the window, odd rests are dropped. */
export function maxPool([batch, height, width, channels]: Images, size: number): Kernel {
  const grid = windows([batch, height, width, channels], size);
  const values = grid.taps.map((tap) => `x[first + ${tap}]`);
  return kernel({
    name: `max_pool ${height}x${width}x${channels} by ${size}`,
    reads: { x: grid.type },
    writes: { y: grid.type },
    sizes: { invocations: grid.count },
    body: `${grid.locate}
  var largest = ${values[0]};
  ${values.slice(1).map((value) => `largest = max(largest, ${value});`).join("\n  ")}
  y[index] = largest;`,
  });
}

/**
 * `(x, dy) → dx`: each window's gradient goes to its first largest value, row by row; with `mask`, only where that is
 * above 0. Pixels outside every window are not written: the buffer must hold zeros there.
 */
export function maxPoolGradient(images: Images, size: number, options: { readonly mask: boolean }): Kernel {
  const { type, lanes, count, taps, locate } = windows(images, size);
  const truth = lanes === 1 ? "bool" : `vec${lanes}<bool>`;
  const and = lanes === 1 ? "&&" : "&";
  const zero = `${type}(0.0)`;
  const write = taps.map((tap, at) =>
    `let hit${at} = (v${at} == largest) ${and} open; dx[first + ${tap}] = select(${zero}, d, hit${at});` +
    ` open = open ${and} !hit${at};`
  );
  return kernel({
    name: `max_pool_gradient ${images.slice(1).join("x")} by ${size}`,
    reads: { x: type, dy: type },
    writes: { dx: type },
    sizes: { invocations: count },
    body: `${locate}
  ${taps.map((tap, at) => `let v${at} = x[first + ${tap}];`).join(" ")}
  var largest = v0;
  ${taps.slice(1).map((_, at) => `largest = max(largest, v${at + 1});`).join(" ")}
  let d = ${options.mask ? `select(${zero}, dy[index], largest > ${zero})` : "dy[index]"};
  var open = ${truth}(true);
  ${write.join("\n  ")}`,
  });
}

/** `(x) → y [batch, channels]`: the mean over height and width. */
export function globalAveragePool([batch, height, width, channels]: Images): Kernel {
  const lanes = lanesOf(channels);
  const groups = channels / lanes;
  const pixels = height * width;
  return kernel({
    name: `global_average_pool ${height}x${width}x${channels}`,
    reads: { x: vector(lanes) },
    writes: { y: vector(lanes) },
    sizes: { invocations: batch * groups },
    body: `let first = (index / ${groups}) * ${pixels * groups} + index % ${groups};
  var sum = ${vector(lanes)}(0.0);
  for (var pixel = 0; pixel < ${pixels}; pixel++) { sum = sum + x[first + pixel * ${groups}]; }
  y[index] = sum * ${float(1 / pixels)};`,
  });
}

/** `(dy, [x]) → dx`: dy shared out evenly; with `mask`, 0 where x ≤ 0. */
export function globalAveragePoolGradient(
  [batch, height, width, channels]: Images,
  options: { readonly mask: boolean },
): Kernel {
  const lanes = lanesOf(channels);
  const type = vector(lanes);
  const groups = channels / lanes;
  const pixels = height * width;
  const value = `dy[(index / ${pixels * groups}) * ${groups} + index % ${groups}] * ${float(1 / pixels)}`;
  return kernel({
    name: `global_average_pool_gradient ${height}x${width}x${channels}`,
    reads: { dy: type, ...(options.mask ? { x: type } : {}) },
    writes: { dx: type },
    sizes: { invocations: batch * pixels * groups },
    body: `dx[index] = ${options.mask ? `select(${type}(0.0), ${value}, x[index] > ${type}(0.0))` : value};`,
  });
}

/** `(x) → y = max(x, 0)`, for a ReLU that no other kernel takes in. */
export function relu(length: number): Kernel {
  const lanes = lanesOf(length);
  return kernel({
    name: "relu",
    reads: { x: vector(lanes) },
    writes: { y: vector(lanes) },
    sizes: { invocations: length / lanes },
    functions: rectifier(lanes),
    body: `y[index] = ${rectified("x[index]", lanes)};`,
  });
}

/** `(y, dy) → dx`: dy where y > 0, for a ReLU that no other kernel takes in. */
export function reluGradient(length: number): Kernel {
  const lanes = lanesOf(length);
  const type = vector(lanes);
  return kernel({
    name: "relu_gradient",
    reads: { y: type, dy: type },
    writes: { dx: type },
    sizes: { invocations: length / lanes },
    body: `dx[index] = select(${type}(0.0), dy[index], y[index] > ${type}(0.0));`,
  });
}

/** One invocation a window and vector of channels; `first` is the window's first value, `taps` the distances from it. */
function windows([batch, height, width, channels]: Images, size: number) {
  const lanes = lanesOf(channels);
  const groups = channels / lanes;
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)];
  return {
    lanes,
    type: vector(lanes),
    count: batch * rows * columns * groups,
    taps: range(size * size).map((tap) => (Math.floor(tap / size) * width + tap % size) * groups),
    locate: `let column = (index / ${groups}) % ${columns};
  let row = (index / ${groups * columns}) % ${rows};
  let image = index / ${groups * columns * rows};
  let first = ((image * ${height} + row * ${size}) * ${width} + column * ${size}) * ${groups} + index % ${groups};`,
  };
}
