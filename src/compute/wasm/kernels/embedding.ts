/**
 * Vectors of tokens and of positions. Images have contiguous channels; strides are in bytes. Nothing past the named
 * pixels is touched; a token that the table does not have is taken as its nearest.
 */
import { accumulate, read } from "./simd";

/** out[place] = vectors[token at the place], the token the first channel of x. */
export function embedding(
  x: usize,
  vectors: usize,
  out: usize,
  batch: i32,
  height: i32,
  width: i32,
  units: i32,
  vocabulary: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  outPixel: usize,
  outRow: usize,
  outImage: usize,
): void {
  const bytes = <usize> units << 2;
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let from = x + <usize> item * xImage + <usize> row * xRow;
      let to = out + <usize> item * outImage + <usize> row * outRow;
      for (let column = 0; column < width; column++, from += xPixel, to += outPixel) {
        memory.copy(to, vectors + tokenAt(from, vocabulary) * bytes, bytes);
      }
    }
  }
}

/** gradient[token at the place] += dy[place]. */
export function embeddingGradient(
  x: usize,
  dy: usize,
  gradient: usize,
  batch: i32,
  height: i32,
  width: i32,
  units: i32,
  vocabulary: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  dyPixel: usize,
  dyRow: usize,
  dyImage: usize,
): void {
  const bytes = <usize> units << 2;
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let token = x + <usize> item * xImage + <usize> row * xRow;
      let from = dy + <usize> item * dyImage + <usize> row * dyRow;
      for (let column = 0; column < width; column++, token += xPixel, from += dyPixel) {
        addRow(gradient + tokenAt(token, vocabulary) * bytes, from, units);
      }
    }
  }
}

/** gradient[place] += Σ over the batch of dy[place]; the gradient is `[height · width, channels]`. */
export function positionGradient(
  dy: usize,
  gradient: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  dyPixel: usize,
  dyRow: usize,
  dyImage: usize,
): void {
  const bytes = <usize> channels << 2;
  for (let item = 0; item < batch; item++) {
    let to = gradient;
    for (let row = 0; row < height; row++) {
      let from = dy + <usize> item * dyImage + <usize> row * dyRow;
      for (let column = 0; column < width; column++, from += dyPixel, to += bytes) addRow(to, from, channels);
    }
  }
}

// @ts-ignore: decorator
@inline
function tokenAt(from: usize, vocabulary: i32): usize {
  return <usize> max(0, min(vocabulary - 1, <i32> nearest(load<f32>(from))));
}

// @ts-ignore: decorator
@inline
function addRow(to: usize, from: usize, channels: i32): void {
  let c = 0;
  for (; c + 4 <= channels; c += 4, to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  }
  if (c < channels) accumulate(false, to, read(false, from, channels - c), channels - c);
}
