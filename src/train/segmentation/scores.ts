import { BACKGROUND } from "../data.ts";
import type { ImageSize } from "../losses/entry.ts";
import { boundaryOf, directedDistances, type DistanceBuffers, distanceBuffers } from "./boundaries.ts";

/**
 * Figures of predicted masks against true ones, each a mean over the images in which the class occurs, in truth or in
 * prediction, and then over the classes without the background; `null` where there is none.
 */
export interface SegmentationScores {
  /** 2 |P ∩ T| / (|P| + |T|), 0 … 1. */
  readonly dice: number | null;
  /** |P ∩ T| / |P ∪ T|, 0 … 1. */
  readonly iou: number | null;
  /**
   * Hausdorff distance at 95 %, in pixels: the larger of the 95th percentiles of the distances from the boundary of one
   * mask to that of the other, both ways; the image's diagonal where one of them is empty.
   */
  readonly hausdorff_95: number | null;
  /**
   * Boundary F1 (Csurka et al., 2013): the harmonic mean of the shares of each boundary that lie within a tolerance of
   * the other one; 0 where one mask is empty.
   */
  readonly boundary_f1: number | null;
  /** Dice by class, the background first. */
  readonly class_dice: readonly (number | null)[];
}

/** Numbers of a class among sums: images, then sums of the four figures. */
const FIGURES = 5;

/** Numbers in the sums of {@link createTally}. */
export function scoreSums(classes: number): number {
  return FIGURES * classes;
}

/**
 * Tolerance of boundary F1 in pixels: 0.75 % of the image's diagonal, as its authors have it, but at least one pixel.
 */
export function boundaryTolerance(height: number, width: number): number {
  return Math.max(1, 0.0075 * Math.hypot(height, width));
}

/** Adds the figures of images to sums; images may be anywhere, since sums of sums are those of all. */
export interface ScoreTally {
  /**
   * @param predicted `[height, width]`, the class of each pixel.
   * @param actual `[height, width]`
   * @param sums {@link scoreSums} numbers.
   */
  add(predicted: Uint8Array, actual: Uint8Array, sums: Float64Array): void;
}

export function createTally([height, width, classes]: ImageSize): ScoreTally {
  const pixels = height * width;
  const [first, second] = [new Uint8Array(pixels), new Uint8Array(pixels)];
  const buffers = distanceBuffers(height, width);
  return {
    add(predicted, actual, sums) {
      for (let label = 0; label < classes; label++) {
        let [common, one, other] = [0, 0, 0];
        for (let pixel = 0; pixel < pixels; pixel++) {
          const [p, t] = [predicted[pixel] === label ? 1 : 0, actual[pixel] === label ? 1 : 0];
          first[pixel] = p;
          second[pixel] = t;
          common += p & t;
          one += p;
          other += t;
        }
        if (one + other === 0) continue;
        const at = FIGURES * label;
        sums[at]! += 1;
        sums[at + 1]! += 2 * common / (one + other);
        sums[at + 2]! += common / (one + other - common);
        if (label === BACKGROUND) continue;
        const { distance, f1 } = one === 0 || other === 0
          ? { distance: Math.hypot(height, width), f1: 0 }
          : boundaryFigures(first, second, height, width, buffers);
        sums[at + 3]! += distance;
        sums[at + 4]! += f1;
      }
    },
  };
}

/** Hausdorff distance at 95 % and boundary F1 of two masks that are not empty. */
function boundaryFigures(
  predicted: Uint8Array,
  actual: Uint8Array,
  height: number,
  width: number,
  buffers: DistanceBuffers,
): { distance: number; f1: number } {
  const size = [height, width] as const;
  const [one, other] = [predicted, actual].map((mask) => boundaryOf(mask, size)) as [Uint8Array, Uint8Array];
  const forth = directedDistances(one, other, size, buffers);
  const back = directedDistances(other, one, size, buffers);
  const tolerance = boundaryTolerance(height, width);
  const within = (distances: Float64Array) =>
    distances.filter((distance) => distance <= tolerance).length / distances.length;
  const [precision, recall] = [within(forth), within(back)];
  return {
    distance: Math.max(percentile(forth, 0.95), percentile(back, 0.95)),
    f1: precision + recall === 0 ? 0 : 2 * precision * recall / (precision + recall),
  };
}

/** Of rising numbers, between neighbours in proportion, as numpy.percentile. */
function percentile(rising: Float64Array, share: number): number {
  const place = share * (rising.length - 1);
  const below = Math.floor(place);
  const low = rising[below]!;
  return low + (place - below) * (rising[Math.min(below + 1, rising.length - 1)]! - low);
}

/** The figures that sums over images come to. */
export function scoresOf(sums: Float64Array): SegmentationScores {
  const classes = sums.length / FIGURES;
  const mean = (label: number, figure: number) => {
    const count = sums[FIGURES * label]!;
    return count === 0 ? null : sums[FIGURES * label + figure]! / count;
  };
  const overall = (figure: number) => {
    const means = Array.from({ length: classes - 1 }, (_, index) => mean(index + 1, figure))
      .filter((value) => value !== null);
    return means.length === 0 ? null : means.reduce((sum, value) => sum + value, 0) / means.length;
  };
  return {
    dice: overall(1),
    iou: overall(2),
    hausdorff_95: overall(3),
    boundary_f1: overall(4),
    class_dice: Array.from({ length: classes }, (_, label) => mean(label, 1)),
  };
}
