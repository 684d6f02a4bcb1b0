/**
 * Writes the register tiles of the convolution kernels as AssemblyScript. AssemblyScript has no arrays of locals,
 * and the accumulators of a tile must be locals to stay in registers, so their loops are unrolled here; everything
 * else is written by hand in `kernels/`.
 *
 * The tile is 6 × 8: twelve accumulators, two vectors of weights and one broadcast value fill the 15 vector
 * registers that V8 allocates on x86-64, and each pass does 12 multiply-adds for 8 loads.
 */

/** Pixels (forward) or filter rows (filter gradient) of a tile. */
export const TILE_ROWS = 6;
/** Output channels of a tile. */
export const TILE_COLUMNS = 8;

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const lines = (count: number, line: (index: number) => string) => range(count).map(line).join("\n");

/** The module that `kernels/convolution.ts` imports as `./tiles`. */
export function tileSource(): string {
  const gradients = range(TILE_ROWS).map((index) => gradientTile(index + 1)).join("\n");
  return `import { madd, writeEight } from "./simd";\n\n${forwardTile()}\n${gradients}`;
}

/**
 * Six output pixels × eight output channels. `table` holds six input and six output addresses (u32); `packed` holds
 * eight biases and then [kernelRows · rowFloats][8] weights.
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
${lines(pixels, (i) => `  let a${i} = w0, b${i} = w1, x${i} = <usize>load<u32>(table, ${i * 4});`)}
  const whole = <usize>(rowFloats & ~3) << 2, all = <usize>rowFloats << 2;
  for (let ky = 0; ky < kernelRows; ky++) {
    const end = x0 + all, wholeEnd = x0 + whole;
    while (x0 < wholeEnd) {${pass(4)}
    }
    while (x0 < end) {${pass(1)}
    }
${lines(pixels, (i) => `    x${i} += nextRow;`)}
  }
  if (relu) {
    s = f32x4.splat(0);
${lines(pixels, (i) => `    a${i} = f32x4.max(a${i}, s); b${i} = f32x4.max(b${i}, s);`)}
  }
  if (lanes >= ${TILE_COLUMNS}) {
${
    lines(pixels, (i) =>
      `    x0 = <usize>load<u32>(table, ${(pixels + i) * 4}) + outOffset; ` +
      `v128.store(x0, a${i}); v128.store(x0, b${i}, 16);`)
  }
  } else {
${
    lines(pixels, (i) =>
      `    writeEight(<usize>load<u32>(table, ${(pixels + i) * 4}) + outOffset, a${i}, b${i}, lanes);`)
  }
  }
}`;
}

/**
 * Adds to `rows` × 8 numbers of a filter's gradient, at \`work\`, the products of a band of pixels: `rows`
 * neighbouring floats of the input times eight channels of the output's gradient.
 */
function gradientTile(rows: number): string {
  return `
export function gradientTile${rows}(
  x: usize, dz: usize, work: usize, height: i32, width: i32, xPixel: usize, xRow: usize, dzPixel: usize,
  dzRow: usize
): void {
  let d0: v128, d1: v128, s: v128;
${lines(rows, (i) => `  let a${i} = v128.load(work, ${i * 32}), b${i} = v128.load(work, ${i * 32 + 16});`)}
  for (let y = 0; y < height; y++) {
    let p = x, q = dz;
    const end = q + <usize>width * dzPixel;
    while (q < end) {
      d0 = v128.load(q); d1 = v128.load(q, 16);
${
    lines(rows, (i) =>
      `      s = v128.load32_splat(p, ${i * 4}); ` +
      `a${i} = madd(s, d0, a${i}); b${i} = madd(s, d1, b${i});`)
  }
      p += xPixel; q += dzPixel;
    }
    x += xRow; dz += dzRow;
  }
${lines(rows, (i) => `  v128.store(work, a${i}, ${i * 32}); v128.store(work, b${i}, ${i * 32 + 16});`)}
}
`;
}
