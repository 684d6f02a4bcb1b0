/**
 * Multi-head attention over the positions of an image, forward and backward, head by head, in blocks of six queries.
 *
 * Layouts. Images have contiguous channels; strides are in bytes. The input has queries, keys and values side by side,
 * `units` channels each, a head `size` = units / heads neighbouring channels of each. `weights`: softmax(q kᵀ / √size) of
 * every image and head, [rows][columns] with rows and columns as in `scratchRows` and `wide`, zeros outside of tokens and
 * mask; dropped ones are negative, so that the pass back knows them without new random bits. Packed: "rows" are
 * [scratchRows][wide], "panels" [wide / 8][tokens][8] of them, and "transposed" panels [columns / 8][wide][8] of their
 * transpose, all with zeros where tokens or channels run out.
 *
 * Bounds. `scratch`: `attentionFloats` of `attention_stage.ts`. Reads and writes only the named pixels of images.
 *
 * Speed. Products go by the register tiles of convolutions; with `causal` those above the diagonal are left out.
 */
import { exponentials } from "./exponential";
import { copyScaled, packPanels, packRows, packTransposed, placeOf, unpackPanels } from "./attention_layout";
import { droppedLanes } from "./dropout";
import { addProducts } from "./filter_gradient";
import { madd } from "./simd";
import { productTile } from "./tiles";

const QUERIES: i32 = 6;
const LEAST: f32 = -87;

/** Channels of a head as packed: a multiple of 8. */
// @ts-ignore: decorator
@inline
function wide(size: i32): i32 {
  return (size + 7) & ~7;
}

/** Rows of a block of queries may run past the last token, as transposed panels may. */
// @ts-ignore: decorator
@inline
function scratchRows(tokens: i32): i32 {
  return max((tokens + QUERIES - 1) / QUERIES * QUERIES, wide(tokens));
}

/**
 * out = dropout(softmax(q kᵀ / √size)) v, and the softmax itself to `weights`. `mask`: u32, the step's number and the place
 * of the first image, or 0 where nothing is dropped; weight (head · tokens + query) · tokens + key of the image at place
 * first + item is dropped where its random bits are below `threshold`, the others are multiplied by `factor`.
 */
export function attention(
  x: usize,
  out: usize,
  weights: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  units: i32,
  heads: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  outPixel: usize,
  outRow: usize,
  outImage: usize,
  causal: bool,
  key: u32,
  mask: usize,
  threshold: u32,
  factor: f32,
): void {
  const tokens = height * width, size = units / heads, padded = wide(size), columns = wide(tokens);
  const part = <usize> units << 2, line = <usize> columns << 2, packed = <usize> padded << 2;
  const area = <usize> scratchRows(tokens) * packed;
  const queries = scratch, keys = queries + area, values = keys + area;
  const keysTransposed = values + area, valuePanels = keysTransposed + area, block = valuePanels + area;
  const kept = block + <usize> QUERIES * packed;
  const scale: f32 = 1 / sqrt<f32>(<f32> size);
  const step = mask ? load<u32>(mask) : 0, place = mask ? load<u32>(mask, 4) : 0;
  memory.fill(scratch, 0, 3 * area);
  if (mask) memory.fill(kept, 0, <usize> QUERIES * line);
  for (let item = 0; item < batch; item++) {
    for (let head = 0; head < heads; head++) {
      const from = x + <usize> item * xImage + (<usize> (head * size) << 2);
      const to = out + <usize> item * outImage + (<usize> (head * size) << 2);
      packRows(from, queries, height, width, size, xPixel, xRow, packed, scale);
      packRows(from + part, keys, height, width, size, xPixel, xRow, packed, 1);
      packRows(from + 2 * part, values, height, width, size, xPixel, xRow, packed, 1);
      packTransposed(keys, keysTransposed, columns, padded);
      packPanels(values, valuePanels, tokens, padded);
      for (let first = 0; first < tokens; first += QUERIES) {
        const seen = causal ? min(tokens, first + QUERIES) : tokens;
        const rows = min(QUERIES, tokens - first);
        const scores = weights + <usize> first * line, asked = queries + <usize> first * packed;
        for (let column = 0; column < seen; column += 8) {
          const panel = keysTransposed + <usize> column * packed;
          productTile(asked, packed, panel, padded, scores + (<usize> column << 2), line);
        }
        for (let row = 0; row < rows; row++) {
          const at = scores + <usize> row * line;
          softmaxRow(at, causal ? first + row + 1 : tokens, wide(seen));
          if (!mask) continue;
          const unit = (head * tokens + first + row) * tokens;
          markDropped(at, wide(seen), key, step, place + item, unit, threshold);
          throughDropout(at, at, kept + <usize> row * line, wide(seen), factor);
        }
        for (let channel = 0; channel < padded; channel += 8) {
          const panel = valuePanels + (<usize> (channel * tokens) << 2);
          productTile(mask ? kept : scores, line, panel, seen, block + (<usize> channel << 2), packed);
        }
        for (let row = 0; row < rows; row++) {
          const pixel = placeOf(to, first + row, width, outPixel, outRow);
          copyScaled(block + <usize> row * packed, pixel, size, 1);
        }
      }
      weights += <usize> scratchRows(tokens) * line;
    }
  }
}

/**
 * dx = the gradients of queries, keys and values from dy and the weights that `attention` left. With P the weights and F
 * what dropout multiplies them by, dV = (P F)ᵀ dY, dP = F dY Vᵀ, dS = P (dP − the row's Σ P dP), dQ = dS K / √size,
 * dK = dSᵀ Q / √size. `factor`: of the kept weights; 0: none were dropped. Behind dropout `weights` hold P F afterwards.
 */
export function attentionGradient(
  x: usize,
  dy: usize,
  dx: usize,
  weights: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  units: i32,
  heads: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  dyPixel: usize,
  dyRow: usize,
  dyImage: usize,
  dxPixel: usize,
  dxRow: usize,
  dxImage: usize,
  causal: bool,
  factor: f32,
): void {
  const tokens = height * width, size = units / heads, padded = wide(size), columns = wide(tokens);
  const part = <usize> units << 2, line = <usize> columns << 2, packed = <usize> padded << 2;
  const area = <usize> scratchRows(tokens) * packed;
  const queries = scratch, keys = queries + area, values = keys + area, outer = values + area;
  const valuesTransposed = outer + area, keyPanels = valuesTransposed + area, work = keyPanels + area;
  const block = work + area, scores = block + <usize> QUERIES * packed;
  const scale: f32 = 1 / sqrt<f32>(<f32> size);
  memory.fill(scratch, 0, 4 * area);
  memory.fill(scores, 0, <usize> scratchRows(tokens) * line);
  for (let item = 0; item < batch; item++) {
    for (let head = 0; head < heads; head++) {
      const offset = <usize> (head * size) << 2;
      const from = x + <usize> item * xImage + offset, to = dx + <usize> item * dxImage + offset;
      packRows(from, queries, height, width, size, xPixel, xRow, packed, scale);
      packRows(from + part, keys, height, width, size, xPixel, xRow, packed, 1);
      packRows(from + 2 * part, values, height, width, size, xPixel, xRow, packed, 1);
      packRows(dy + <usize> item * dyImage + offset, outer, height, width, size, dyPixel, dyRow, packed, 1);
      packTransposed(values, valuesTransposed, columns, padded);
      packPanels(keys, keyPanels, tokens, padded);
      // 1. Gradients of the scores, and of the queries.
      for (let first = 0; first < tokens; first += QUERIES) {
        const seen = causal ? min(tokens, first + QUERIES) : tokens;
        const rows = min(QUERIES, tokens - first);
        const row0 = scores + <usize> first * line, asked = outer + <usize> first * packed;
        for (let column = 0; column < seen; column += 8) {
          const panel = valuesTransposed + <usize> column * packed;
          productTile(asked, packed, panel, padded, row0 + (<usize> column << 2), line);
        }
        for (let row = 0; row < QUERIES; row++) {
          const at = <usize> (first + row) * line;
          if (factor) throughDropout(weights + at, scores + at, scores + at, wide(seen), factor);
          softmaxGradientRow(weights + at, scores + at, wide(seen));
          if (factor) throughDropout(weights + at, weights + at, weights + at, wide(seen), factor);
        }
        for (let channel = 0; channel < padded; channel += 8) {
          const panel = keyPanels + (<usize> (channel * tokens) << 2);
          productTile(row0, line, panel, seen, block + (<usize> channel << 2), packed);
        }
        for (let row = 0; row < rows; row++) {
          const place = placeOf(to, first + row, width, dxPixel, dxRow);
          copyScaled(block + <usize> row * packed, place, size, scale);
        }
      }
      // 2. Of the keys, from queries over √size, and of the values.
      transposedProduct(scores, queries, work, tokens, padded, line, packed, causal);
      unpackPanels(work, to + part, height, width, size, dxPixel, dxRow);
      transposedProduct(weights, outer, work, tokens, padded, line, packed, causal);
      unpackPanels(work, to + 2 * part, height, width, size, dxPixel, dxRow);
      weights += <usize> scratchRows(tokens) * line;
    }
  }
}

/** panels = aᵀ b of [tokens][columns] and rows; with `causal` a is 0 above its diagonal. */
function transposedProduct(
  a: usize,
  b: usize,
  panels: usize,
  tokens: i32,
  padded: i32,
  line: usize,
  packed: usize,
  causal: bool,
): void {
  memory.fill(panels, 0, (<usize> (tokens * padded)) << 2);
  for (let channel = 0; channel < padded; channel += 8) {
    for (let token = 0; token < tokens;) {
      const left = tokens - token;
      const count = left > 6 && left < 11 ? (left + 1) >> 1 : min(left, 6);
      const first = causal ? token : 0;
      addProducts(
        count,
        a + <usize> first * line + (<usize> token << 2),
        b + <usize> first * packed + (<usize> channel << 2),
        panels + (<usize> token << 5),
        tokens - first,
        line,
        packed,
      );
      token += count;
    }
    panels += <usize> tokens << 5;
  }
}

/** e^(s − largest s) / Σ of the first `count` numbers of a row, zeros up to `all` of them, a multiple of 8. */
// @ts-ignore: decorator
@inline
function softmaxRow(row: usize, count: i32, all: i32): void {
  const end = row + (<usize> all << 2);
  for (let at = row + (<usize> count << 2); at < end; at += 4) store<f32>(at, -Infinity);
  let most = v128.load(row);
  for (let at = row + 16; at < end; at += 16) most = f32x4.pmax(most, v128.load(at));
  const largest = f32x4.splat(
    max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    ),
  );
  const least = f32x4.splat(LEAST);
  let sum = f32x4.splat(0);
  for (let at = row; at < end; at += 16) {
    const shifted = f32x4.sub(v128.load(at), largest);
    // What is as small as that is 0, not a number that products with it would make denormal; NaN stays.
    const power = v128.andnot(exponentials(shifted), f32x4.le(shifted, least));
    v128.store(at, power);
    sum = f32x4.add(sum, power);
  }
  const inverse = f32x4.splat(
    <f32> 1 /
      ((f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) +
        (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))),
  );
  for (let at = row; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), inverse));
}

/** Makes the weights of a row negative that are dropped; `unit` is the first one's, `count` a multiple of 4. */
// @ts-ignore: decorator
@inline
function markDropped(row: usize, count: i32, key: u32, step: u32, image: u32, unit: u32, threshold: u32): void {
  const sign = i32x4.splat(0x80000000);
  for (let column = 0; column < count; column += 4) {
    const at = row + (<usize> column << 2);
    const dropped = droppedLanes(key, step, image, unit + column, threshold);
    // A NaN may have a sign of its own, and would pass for dropped.
    v128.store(at, v128.or(f32x4.abs(v128.load(at)), v128.and(dropped, sign)));
  }
}

/** to = from · factor, 0 where the weight is marked as dropped, `count` numbers, a multiple of 4. */
// @ts-ignore: decorator
@inline
function throughDropout(weights: usize, from: usize, to: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor), bytes = <usize> count << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const dropped = i32x4.shr_s(v128.load(weights + at), 31);
    v128.store(to + at, v128.andnot(f32x4.mul(v128.load(from + at), factors), dropped));
  }
}

/** scores = |p| (scores − Σ |p| scores), `count` numbers, a multiple of 8. */
// @ts-ignore: decorator
@inline
function softmaxGradientRow(p: usize, scores: usize, count: i32): void {
  const bytes = <usize> count << 2;
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    sum = madd(f32x4.abs(v128.load(p + at)), v128.load(scores + at), sum);
  }
  const mean = f32x4.splat(
    (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) +
      (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)),
  );
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(scores + at, f32x4.mul(f32x4.abs(v128.load(p + at)), f32x4.sub(v128.load(scores + at), mean)));
  }
}
