/**
 * Writes the register tiles of the convolution kernels as AssemblyScript. AssemblyScript has no arrays of locals,
 * and the accumulators of a tile must be locals to stay in registers, so their loops are unrolled here; everything
 * else is written by hand in `kernels/`.
 *
 * V8 on x86-64 allocates 15 vector registers, and under Deno it checks the bounds of every load. The forward tile's
 * twelve accumulators, two weights and one input fill them, so a pass takes one float of the input: of a longer one
 * V8 moves the loads to its start and spills accumulators. Measured on one core of an EPYC (AVX-512) server, GFLOP/s
 * of 57 on registers alone: forward 6 × 8 with passes of one float 55 (of two 40, three 38, four 36, eight 25); filter
 * gradient 6 × 8 with broadcast loads 56, 5 × 8 54, 4 × 8 with one vector load and four shuffles 51, 3 × 8 40, 2 × 8
 * 29. Without a fused multiply-add (plain SIMD) a product needs a register too, and passes of four are the fastest.
 */

/** Pixels of a forward tile, and the most filter rows of a gradient tile. */
const TILE_ROWS = 6;
/** Output channels of a tile. */
const TILE_COLUMNS = 8;
/** Filter rows of the gradient tile that loads its input as one vector. */
const VECTOR_ROWS = 4;

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const lines = (count: number, line: (index: number) => string) => range(count).map(line).join("\n");

/** The module that `kernels/convolution.ts` imports as `./tiles`. */
export function tileSource(): string {
  const gradients = range(TILE_ROWS).map((index) => gradientTile(index + 1)).join("\n");
  return `import { atLeast, madd, writeEight } from "./simd";\n\n${forwardTile()}\n${productTile()}\n${gradients}`;
}

/**
 * Six output pixels × eight output channels. `table` holds six pairs of an input and an output address (u32); `packed`
 * holds eight biases and then [kernelRows · rowFloats][8] weights.
 */
function forwardTile(): string {
  const pixels = TILE_ROWS;
  const multiplyAdds = (lane: number) =>
    `    w0 = v128.load(packed, ${lane * 32}); w1 = v128.load(packed, ${lane * 32 + 16});\n` +
    lines(pixels, (i) =>
      `    s = v128.load32_splat(x${i}, ${lane * 4}); ` +
      `a${i} = madd(s, w0, a${i}); b${i} = madd(s, w1, b${i});`);
  const pass = (floats: number) => `
${lines(floats, multiplyAdds)}
${lines(pixels, (i) => `    x${i} += ${floats * 4};`)}
    packed += ${floats * 32};`;
  return `
export function forwardTile(
  table: usize, packed: usize, kernelRows: i32, rowFloats: i32, nextRow: usize, outOffset: usize, lanes: i32,
  relu: bool
): void {
  let w0 = v128.load(packed), w1 = v128.load(packed, 16), s: v128;
  packed += 32;
${lines(pixels, (i) => `  let a${i} = w0, b${i} = w1, x${i} = <usize>load<u32>(table, ${i * 8});`)}
  const whole = <usize>(rowFloats & ~3) << 2, all = <usize>rowFloats << 2;
  for (let ky = 0; ky < kernelRows; ky++) {
    const end = x0 + all;
    if (!ASC_FEATURE_RELAXED_SIMD) {
      const wholeEnd = x0 + whole;
      while (x0 < wholeEnd) {${pass(4)}
      }
    }
    while (x0 < end) {${pass(1)}
    }
${lines(pixels, (i) => `    x${i} += nextRow;`)}
  }
  if (relu) {
    s = f32x4.splat(0);
${lines(pixels, (i) => `    a${i} = atLeast(a${i}, s); b${i} = atLeast(b${i}, s);`)}
  }
  if (lanes >= ${TILE_COLUMNS}) {
${
    lines(pixels, (i) =>
      `    x0 = <usize>load<u32>(table, ${i * 8 + 4}) + outOffset; ` +
      `v128.store(x0, a${i}); v128.store(x0, b${i}, 16);`)
  }
  } else {
${
    lines(pixels, (i) =>
      `    writeEight(<usize>load<u32>(table, ${i * 8 + 4}) + outOffset, a${i}, b${i}, lanes);`)
  }
  }
}`;
}

/**
 * out[row][8] = Σ x[row][k] · packed[k][8] for six rows that lie `xRow` and `outRow` bytes apart: the forward tile for
 * matrices, without table, bias, ReLU and channels that run out.
 */
function productTile(): string {
  return `
export function productTile(x0: usize, xRow: usize, packed: usize, k: i32, out: usize, outRow: usize): void {
  let w0: v128, w1: v128, s: v128;
  const end = x0 + (<usize>k << 2);
${
    lines(TILE_ROWS, (i) =>
      `  let a${i} = f32x4.splat(0), b${i} = a${i};${i > 0 ? ` let x${i} = x${i - 1} + xRow;` : ""}`)
  }
  while (x0 < end) {
    w0 = v128.load(packed); w1 = v128.load(packed, 16);
${
    lines(TILE_ROWS, (i) =>
      `    s = v128.load32_splat(x${i}); a${i} = madd(s, w0, a${i}); b${i} = madd(s, w1, b${i}); x${i} += 4;`)
  }
    packed += 32;
  }
${lines(TILE_ROWS, (i) => `  v128.store(out, a${i}); v128.store(out, b${i}, 16); out += outRow;`)}
}`;
}

/**
 * Adds to `rows` × 8 numbers of a filter's gradient, at `work`, the products of a band of pixels: `rows`
 * neighbouring floats of the input times eight channels of the output's gradient. A band is summed by itself, from
 * zero: sums of sums round less than one long sum does.
 */
function gradientTile(rows: number): string {
  const broadcast = (i: number) =>
    rows === VECTOR_ROWS ? `i32x4.shuffle(v, v, ${i}, ${i}, ${i}, ${i})` : `v128.load32_splat(p, ${i * 4})`;
  return `
export function gradientTile${rows}(
  x: usize, dz: usize, work: usize, height: i32, width: i32, xPixel: usize, xRow: usize, dzPixel: usize,
  dzRow: usize
): void {
  let d0: v128, d1: v128, v: v128, s: v128;
${lines(rows, (i) => `  let a${i} = f32x4.splat(0), b${i} = f32x4.splat(0);`)}
  for (let y = 0; y < height; y++) {
    let p = x, q = dz;
    const end = q + <usize>width * dzPixel;
    while (q < end) {
      d0 = v128.load(q); d1 = v128.load(q, 16);
${rows === VECTOR_ROWS ? "      v = v128.load(p);" : ""}
${
    lines(rows, (i) =>
      `      s = ${broadcast(i)}; ` +
      `a${i} = madd(s, d0, a${i}); b${i} = madd(s, d1, b${i});`)
  }
      p += xPixel; q += dzPixel;
    }
    x += xRow; dz += dzRow;
  }
${
    lines(rows, (i) =>
      `  v128.store(work, f32x4.add(v128.load(work, ${i * 32}), a${i}), ${i * 32}); ` +
      `v128.store(work, f32x4.add(v128.load(work, ${i * 32 + 16}), b${i}), ${i * 32 + 16});`)
  }
}
`;
}
