/**
 * Convolution by a 3 × 3 kernel with stride 1 as Winograd's F(2 × 2, 3 × 3) or F(4 × 4, 3 × 3) (Lavin and Gray, 2016).
 * Each patch of the input is transformed, small matrix products run over the channels, one for each place of a
 * transformed patch (16 or 36), and each product's patch is transformed to 2 × 2 or 4 × 4 outputs, which are a tile.
 *
 * Layouts. Images: any with contiguous channels, padding included; output height and width are multiples of `outputs`, 2
 * or 4. Weights: for each place the packed weights of a 1 × 1 convolution, without bias. `scratch`: `tileFloats` of
 * `geometry.ts`: the lines of F(4 × 4, 3 × 3), [places][tiles][inChannels] and then [places][tiles][outChannels] floats,
 * each place with a cache line behind it so that the places of a tile do not share a set of the cache, and slack for
 * five more tiles' channels.
 *
 * Bounds. Channels in and out are multiples of 8; of images nothing past the named pixels is touched.
 */
import { productTile } from "./tiles";
import * as four from "./winograd_four";
import * as two from "./winograd_two";

/** Tiles that go through the products together. */
export const TILES: i32 = 48;

/** Numbers of a transformed patch. */
// @ts-ignore: decorator
@inline
export function placesOf(outputs: i32): i32 {
  return (outputs + 2) * (outputs + 2);
}

/** Bytes of the lines of F(4 × 4, 3 × 3), for images so wide. */
// @ts-ignore: decorator
@inline
export function lineBytes(width: i32): usize {
  return (<usize>(width + 2) * 96 + 63) & ~63;
}

/** Bytes of a place of so many tiles. */
// @ts-ignore: decorator
@inline
export function placeBytes(tiles: i32, channels: i32): usize {
  return (<usize>(tiles * channels) << 2) + 64;
}

export function winograd(
  outputs: i32, x: usize, packed: usize, out: usize, bias: usize, scratch: usize, batch: i32, height: i32,
  width: i32, inChannels: i32, outChannels: i32, xPixel: usize, xRow: usize, xImage: usize, outPixel: usize,
  outRow: usize, outImage: usize, relu: bool,
): void {
  const rows = height / outputs, columns = width / outputs, places = <usize>placesOf(outputs);
  const together = max(1, TILES / columns);
  const inTile = <usize>inChannels << 2, outTile = <usize>outChannels << 2;
  const place = <usize>(outChannels >> 3) * ((<usize>inChannels + 1) << 5);
  const units = batch * rows;
  const lines = scratch, inputs = scratch + lineBytes(width);
  for (let unit = 0; unit < units; unit += together) {
    const count = min(together, units - unit);
    const tiles = count * columns;
    const inPlace = placeBytes(tiles, inChannels), outPlace = placeBytes(tiles, outChannels);
    const products = inputs + places * inPlace;
    for (let u = 0; u < count; u++) {
      const image = <usize>((unit + u) / rows), row = <usize>(((unit + u) % rows) * outputs);
      const from = x + image * xImage + row * xRow, to = inputs + <usize>(u * columns) * inTile;
      if (outputs == 4) four.transformInput(from, to, lines, columns, inChannels, xPixel, xRow, inTile, inPlace);
      else two.transformInput(from, to, columns, inChannels, xPixel, xRow, inPlace);
    }
    for (let p: usize = 0; p < places; p++) {
      multiply(inputs + p * inPlace, packed + p * place, products + p * outPlace, tiles, inChannels, outChannels);
    }
    for (let u = 0; u < count; u++) {
      const image = <usize>((unit + u) / rows), row = <usize>(((unit + u) % rows) * outputs);
      const from = products + <usize>(u * columns) * outTile, to = out + image * outImage + row * outRow;
      if (outputs == 4) {
        four.transformOutput(from, to, bias, lines, columns, outChannels, outTile, outPlace, outPixel, outRow, relu);
      } else {
        two.transformOutput(from, to, bias, columns, outChannels, outPlace, outPixel, outRow, relu);
      }
    }
  }
}

/**
 * products[tile][out] = Σ x[tile][in] · packed[out / 8][in][8]. Six tiles at a time: where they run out, numbers behind
 * them are multiplied too, and written where the next place's products, or the slack, will be.
 */
function multiply(x: usize, packed: usize, products: usize, tiles: i32, inChannels: i32, outChannels: i32): void {
  const inTile = <usize>inChannels << 2, outTile = <usize>outChannels << 2;
  for (let out: usize = 0; out < outTile; out += 32, packed += (<usize>inChannels + 1) << 5) {
    let from = x, to = products + out;
    for (let tile = 0; tile < tiles; tile += 6, from += 6 * inTile, to += 6 * outTile) {
      productTile(from, inTile, packed + 32, inChannels, to, outTile);
    }
  }
}
