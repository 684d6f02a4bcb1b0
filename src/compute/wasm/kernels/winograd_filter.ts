/** The filters of Winograd's algorithm, packed; `winograd.ts` says how. */
import { placesOf } from "./winograd";
import * as four from "./winograd_four";
import * as two from "./winograd_two";

/**
 * G g Gᵀ of every pair of channels for `outputs` × `outputs` outputs a tile, packed. The filter is
 * [3][3][inChannels][outChannels]. `transposed`: of the flipped filter with channels exchanged, for the gradient of the
 * input, which is laid out in `work` ([3][3][outChannels][inChannels] floats) first.
 */
export function winogradFilter(
  outputs: i32, filter: usize, packed: usize, work: usize, inChannels: i32, outChannels: i32, transposed: bool,
): void {
  let sums = inChannels, outs = outChannels;
  if (transposed) {
    transposeTaps(filter, work, inChannels, outChannels);
    filter = work;
    sums = outChannels;
    outs = inChannels;
  }
  const tap = <usize>(inChannels * outChannels) << 2;
  const panel = (<usize>sums + 1) << 5, place = <usize>(outs >> 3) * panel;
  const places = <usize>placesOf(outputs), zero = f32x4.splat(0);
  for (let out = 0; out < outs; out += 4) {
    let to = packed + <usize>(out >> 3) * panel + (<usize>(out & 7) << 2);
    for (let p: usize = 0; p < places; p++) v128.store(to + p * place, zero);
    let from = filter + (<usize>out << 2);
    for (let sum = 0; sum < sums; sum++, from += <usize>outs << 2) {
      to += 32;
      if (outputs == 4) four.transformFilter(from, tap, to, place);
      else two.transformFilter(from, tap, to, place);
    }
  }
}

/** [3][3][inChannels][outChannels] → [3][3][outChannels][inChannels], taps in reverse order. */
function transposeTaps(filter: usize, to: usize, inChannels: i32, outChannels: i32): void {
  const inRow = <usize>outChannels << 2, outRow = <usize>inChannels << 2;
  const tap = <usize>(inChannels * outChannels) << 2;
  to += 8 * tap;
  for (let t = 0; t < 9; t++, filter += tap, to -= tap) {
    for (let i = 0; i < inChannels; i += 4) {
      for (let o = 0; o < outChannels; o += 4) {
        const from = filter + <usize>i * inRow + (<usize>o << 2);
        const a = v128.load(from), b = v128.load(from + inRow);
        const c = v128.load(from + 2 * inRow), d = v128.load(from + 3 * inRow);
        const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
        const ab2 = i32x4.shuffle(a, b, 2, 6, 3, 7), cd2 = i32x4.shuffle(c, d, 2, 6, 3, 7);
        const at = to + <usize>o * outRow + (<usize>i << 2);
        v128.store(at, i64x2.shuffle(ab, cd, 0, 2));
        v128.store(at + outRow, i64x2.shuffle(ab, cd, 1, 3));
        v128.store(at + 2 * outRow, i64x2.shuffle(ab2, cd2, 0, 2));
        v128.store(at + 3 * outRow, i64x2.shuffle(ab2, cd2, 1, 3));
      }
    }
  }
}
