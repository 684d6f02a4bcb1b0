/** The gradient of a 3 × 3 filter by Winograd's algorithm; layouts and bounds are those of `winograd.ts`. */
import { filterGradient } from "./filter_gradient";
import { lineBytes, placeBytes, placesOf, TILES } from "./winograd";
import * as four from "./winograd_four";
import * as two from "./winograd_two";

/**
 * The gradient of the filter, [3][3][inChannels][outChannels], overwritten: over all tiles the products of the
 * transformed input and the transformed output gradient, place by place, and one transform of their sums at the end.
 * `dz` has the output's pixels in a layout of its own; `work`: [places][inChannels + 1][outChannels] floats.
 */
export function winogradGradient(
  outputs: i32, x: usize, dz: usize, gradient: usize, work: usize, scratch: usize, batch: i32, height: i32, width: i32,
  inChannels: i32, outChannels: i32, xPixel: usize, xRow: usize, xImage: usize, dzPixel: usize, dzRow: usize,
  dzImage: usize,
): void {
  const rows = height / outputs, columns = width / outputs, places = <usize>placesOf(outputs);
  const together = max(1, TILES / columns);
  const inTile = <usize>inChannels << 2, outTile = <usize>outChannels << 2;
  // The channels behind a place keep the places of a pair of channels out of one set of the cache.
  const place = <usize>((inChannels + 1) * outChannels) << 2;
  const units = batch * rows;
  const lines = scratch, inputs = scratch + lineBytes(width);
  memory.fill(work, 0, places * place);
  for (let unit = 0; unit < units; unit += together) {
    const count = min(together, units - unit);
    const tiles = count * columns;
    const inPlace = placeBytes(tiles, inChannels), outPlace = placeBytes(tiles, outChannels);
    const gradients = inputs + places * inPlace;
    for (let u = 0; u < count; u++) {
      const image = <usize>((unit + u) / rows), row = <usize>(((unit + u) % rows) * outputs);
      const tile = <usize>(u * columns);
      const from = x + image * xImage + row * xRow, to = inputs + tile * inTile;
      const dzFrom = dz + image * dzImage + row * dzRow, dzTo = gradients + tile * outTile;
      if (outputs == 4) {
        four.transformInput(from, to, lines, columns, inChannels, xPixel, xRow, inTile, inPlace);
        four.transformGradient(dzFrom, dzTo, lines, columns, outChannels, dzPixel, dzRow, outTile, outPlace);
      } else {
        two.transformInput(from, to, columns, inChannels, xPixel, xRow, inPlace);
        two.transformGradient(dzFrom, dzTo, columns, outChannels, dzPixel, dzRow, outPlace);
      }
    }
    for (let p: usize = 0; p < places; p++) {
      filterGradient(
        inputs + p * inPlace, gradients + p * outPlace, work + p * place, 1, 1, tiles, 1, inChannels, outChannels,
        inTile, 0, 0, 0, outTile, 0, 0, 1,
      );
    }
  }
  // `work` has [outChannels / 8][inChannels][8] in each place.
  const tap = <usize>(inChannels * outChannels) << 2;
  for (let out = 0; out < outChannels; out += 4) {
    for (let sum = 0; sum < inChannels; sum++) {
      const from = work + (<usize>((out >> 3) * inChannels * 8 + sum * 8 + (out & 7)) << 2);
      const to = gradient + (<usize>(sum * outChannels + out) << 2);
      if (outputs == 4) four.sumFilter(from, place, to, tap);
      else two.sumFilter(from, place, to, tap);
    }
  }
}
