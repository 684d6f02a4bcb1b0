/**
 * Gradients of filters, and of matrices, as register tiles; convolution.ts says how images and work areas are laid out.
 *
 * Bounds. `filterGradient` reads up to 7 floats past the channels of a pixel of `dz` where channels are no multiple of 8:
 * the buffer needs 32 bytes of slack.
 */
import {
  gradientTile1,
  gradientTile2,
  gradientTile3,
  gradientTile4,
  gradientTile5,
  gradientTile6,
} from "./tiles";

/**
 * work[8 channels][k][8] += Σ x[pixel's window k] · dz[pixel, channel] over the batch; zero `work` before.
 *
 * The image is taken in bands of rows small enough for the first-level cache; a tile of the gradient is held in
 * registers over a band.
 */
export function filterGradient(
  x: usize,
  dz: usize,
  work: usize,
  batch: i32,
  height: i32,
  width: i32,
  kernelRows: i32,
  rowFloats: i32,
  channels: i32,
  xPixel: usize,
  xRow: usize,
  xKernelRow: usize,
  xImage: usize,
  dzPixel: usize,
  dzRow: usize,
  dzImage: usize,
  bandRows: i32,
): void {
  const panel: usize = <usize> (kernelRows * rowFloats) << 5;
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row += bandRows) {
      const rows = min(bandRows, height - row);
      const bandX = x + <usize> row * xRow, bandDz = dz + <usize> row * dzRow;
      let target = work;
      for (let channel = 0; channel < channels; channel += 8) {
        const from = bandDz + (<usize> channel << 2);
        for (let ky = 0; ky < kernelRows; ky++) {
          const kernelX = bandX + <usize> ky * xKernelRow;
          const kernelWork = target + (<usize> (ky * rowFloats) << 5);
          gradientTiles(kernelX, from, kernelWork, rowFloats, rows, width, xPixel, xRow, dzPixel, dzRow);
        }
        target += panel;
      }
    }
    x += xImage;
    dz += dzImage;
  }
}

/** Floats of a row, and channels, of the blocks that `productGradient` takes. */
const BLOCK_FLOATS: i32 = 48;
const BLOCK_CHANNELS: i32 = 64;

/**
 * The same for a product of matrices, `x` [rows][floats] and `dz` [rows][channels]: work[8 channels][k][8] +=
 * Σ x[row, k] · dz[row, channel]. Bands of rows are taken in blocks of floats and of channels, so that a block of each
 * stays in the first-level cache.
 */
export function productGradient(
  x: usize,
  dz: usize,
  work: usize,
  rows: i32,
  floats: i32,
  channels: i32,
  xRow: usize,
  dzRow: usize,
  bandRows: i32,
): void {
  const panel: usize = <usize> floats << 5;
  for (let row = 0; row < rows; row += bandRows, x += <usize> bandRows * xRow, dz += <usize> bandRows * dzRow) {
    const count = min(bandRows, rows - row);
    for (let block = 0; block < channels; block += BLOCK_CHANNELS) {
      const last = min(channels, block + BLOCK_CHANNELS);
      for (let k = 0; k < floats; k += BLOCK_FLOATS) {
        const own = min(BLOCK_FLOATS, floats - k);
        const from = x + (<usize> k << 2);
        for (let channel = block; channel < last; channel += 8) {
          const target = work + <usize> (channel >> 3) * panel + (<usize> k << 5);
          gradientTiles(from, dz + (<usize> channel << 2), target, own, 1, count, xRow, 0, dzRow, 0);
        }
      }
    }
  }
}

/** All floats of a row, in tiles of 6, the fastest; a rest of 7 to 10 is halved, so that no tile is small. */
// @ts-ignore: decorator
@inline
function gradientTiles(
  x: usize,
  dz: usize,
  work: usize,
  floats: i32,
  height: i32,
  width: i32,
  xPixel: usize,
  xRow: usize,
  dzPixel: usize,
  dzRow: usize,
): void {
  for (let k = 0; k < floats;) {
    const left = floats - k;
    const size = left > 6 && left < 11 ? (left + 1) >> 1 : min(left, 6);
    const from = x + (<usize> k << 2), to = work + (<usize> k << 5);
    gradientTile(size, from, dz, to, height, width, xPixel, xRow, dzPixel, dzRow);
    k += size;
  }
}

/** `work`[k][8] += the products of `floats` neighbouring numbers of x with eight of dz, row by row of two matrices. */
export function addProducts(
  floats: i32,
  x: usize,
  dz: usize,
  work: usize,
  rows: i32,
  xRow: usize,
  dzRow: usize,
): void {
  gradientTile(floats, x, dz, work, 1, rows, xRow, 0, dzRow, 0);
}

// @ts-ignore: decorator
@inline
function gradientTile(
  size: i32,
  x: usize,
  dz: usize,
  work: usize,
  height: i32,
  width: i32,
  xPixel: usize,
  xRow: usize,
  dzPixel: usize,
  dzRow: usize,
): void {
  switch (size) {
    case 6:
      gradientTile6(x, dz, work, height, width, xPixel, xRow, dzPixel, dzRow);
      break;
    case 5:
      gradientTile5(x, dz, work, height, width, xPixel, xRow, dzPixel, dzRow);
      break;
    case 4:
      gradientTile4(x, dz, work, height, width, xPixel, xRow, dzPixel, dzRow);
      break;
    case 3:
      gradientTile3(x, dz, work, height, width, xPixel, xRow, dzPixel, dzRow);
      break;
    case 2:
      gradientTile2(x, dz, work, height, width, xPixel, xRow, dzPixel, dzRow);
      break;
    default:
      gradientTile1(x, dz, work, height, width, xPixel, xRow, dzPixel, dzRow);
  }
}
