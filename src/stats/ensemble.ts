/** A model's outputs for each image before the softmax: `[images, classes]`, row by row. */
export interface Logits {
  readonly images: number;
  readonly classes: number;
  readonly values: ArrayLike<number>;
}

/** The mean that an ensemble takes: of its members' probabilities, or of their logits. */
export type EnsembleRule = "probability" | "logits";

/** Accuracy (0 … 1) and mean cross-entropy (nats) on labelled images. */
export interface Score {
  readonly accuracy: number;
  readonly loss: number;
}

/**
 * Probabilities `[images, classes]` of an ensemble.
 *
 * @param weights one for each member, not negative, not all zero; equal if not given.
 * @throws {TypeError} where there is no member, or members differ in shape.
 * @throws {RangeError} for a weight that is negative or not finite, or for none above zero.
 *
 * @example Two members, two images, two classes
 * ```ts
 * import assert from "node:assert/strict";
 * import { ensembleProbabilities } from "#stats/ensemble.ts";
 *
 * const sure = { images: 2, classes: 2, values: [2, 0, 0, 1] };
 * const other = { images: 2, classes: 2, values: [0, 1, 0, 3] };
 * const [first, second] = ensembleProbabilities([sure, other], "probability");
 * assert.equal(first!.toFixed(3), "0.575");
 * assert.equal((first! + second!).toFixed(12), "1.000000000000");
 * ```
 */
export function ensembleProbabilities(
  members: readonly Logits[],
  rule: EnsembleRule,
  weights: readonly number[] = members.map(() => 1),
): Float64Array {
  const { images, classes } = checkedMembers(members);
  const shares = normalised(weights, members.length);
  const mixed = new Float64Array(images * classes);
  members.forEach((member, index) => {
    const values = rule === "probability" ? softmax(member) : member.values;
    for (let i = 0; i < mixed.length; i++) mixed[i]! += shares[index]! * values[i]!;
  });
  return rule === "probability" ? mixed : softmax({ images, classes, values: mixed });
}

/**
 * Softmax of each row, shifted by its largest value so that nothing overflows.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { softmax } from "#stats/ensemble.ts";
 *
 * assert.deepEqual([...softmax({ images: 1, classes: 2, values: [1000, 1000] })], [0.5, 0.5]);
 * ```
 */
export function softmax({ images, classes, values }: Logits): Float64Array {
  const result = new Float64Array(images * classes);
  for (let row = 0; row < images; row++) {
    const start = row * classes;
    let top = -Infinity;
    for (let i = 0; i < classes; i++) top = Math.max(top, values[start + i]!);
    let sum = 0;
    for (let i = 0; i < classes; i++) sum += result[start + i] = Math.exp(values[start + i]! - top);
    for (let i = 0; i < classes; i++) result[start + i]! /= sum;
  }
  return result;
}

/**
 * Accuracy and cross-entropy of probabilities `[images, classes]`. Ties go to the lower class; a probability of zero
 * counts as the smallest normal number, so the loss stays finite.
 *
 * @throws {TypeError} where there are not as many labels as images.
 *
 * @example One of two images right
 * ```ts
 * import assert from "node:assert/strict";
 * import { score } from "#stats/ensemble.ts";
 *
 * const { accuracy, loss } = score([0.5, 0.5, 0.75, 0.25], [0, 1]);
 * assert.equal(accuracy, 0.5);
 * assert.equal(loss.toFixed(4), ((Math.log(2) + Math.log(4)) / 2).toFixed(4));
 * ```
 */
export function score(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Score {
  const images = labels.length;
  const classes = probabilities.length / images;
  if (!Number.isInteger(classes)) {
    throw new TypeError(`Cannot score ${probabilities.length} probabilities with ${images} labels`);
  }
  let [right, loss] = [0, 0];
  for (let row = 0; row < images; row++) {
    if (bestClass(probabilities, row, classes) === labels[row]) right++;
    loss -= Math.log(Math.max(Number.MIN_VALUE * 2 ** 52, probabilities[row * classes + labels[row]!]!));
  }
  return { accuracy: right / images, loss: loss / images };
}

/** The figure that members are weighted by; of validation data, so that test data only judges. */
export type Weighting = "accuracy" | "likelihood";

/**
 * A weight for each member from its own answers on validation data, summing to 1: in proportion to its accuracy, or to
 * `exp(−loss)`, the geometric mean of the probability it gave the true class.
 *
 * @example A member that is always right weighs twice as much as one that is right half the time
 * ```ts
 * import assert from "node:assert/strict";
 * import { memberWeights } from "#stats/ensemble.ts";
 *
 * const right = { images: 2, classes: 2, values: [1, 0, 0, 1] };
 * const half = { images: 2, classes: 2, values: [1, 0, 1, 0] };
 * const weights = memberWeights([right, half], [0, 1], "accuracy");
 * assert.deepEqual(weights.map((weight) => weight.toFixed(3)), ["0.667", "0.333"]);
 * ```
 */
export function memberWeights(
  validation: readonly Logits[],
  labels: ArrayLike<number>,
  weighting: Weighting,
): number[] {
  const raw = validation.map((member) => {
    const { accuracy, loss } = score(softmax(member), labels);
    return weighting === "accuracy" ? accuracy : Math.exp(-loss);
  });
  return normalised(raw, raw.length);
}

/**
 * Share of images (0 … 1) on which two members name different classes, averaged over pairs; `null` below two.
 *
 * @example They name different classes for the second image only
 * ```ts
 * import assert from "node:assert/strict";
 * import { disagreement } from "#stats/ensemble.ts";
 *
 * const one = { images: 2, classes: 2, values: [1, 0, 0, 1] };
 * const other = { images: 2, classes: 2, values: [1, 0, 1, 0] };
 * assert.equal(disagreement([one, other]), 0.5);
 * ```
 */
export function disagreement(members: readonly Logits[]): number | null {
  if (members.length < 2) return null;
  const { images, classes } = checkedMembers(members);
  const named = members.map(({ values }) =>
    Array.from({ length: images }, (_, row) => bestClass(values, row, classes))
  );
  let [differ, pairs] = [0, 0];
  for (let one = 0; one < named.length; one++) {
    for (let other = one + 1; other < named.length; other++) {
      pairs++;
      for (let row = 0; row < images; row++) if (named[one]![row] !== named[other]![row]) differ++;
    }
  }
  return differ / (pairs * images);
}

function bestClass(values: ArrayLike<number>, row: number, classes: number): number {
  let best = 0;
  for (let i = 1; i < classes; i++) if (values[row * classes + i]! > values[row * classes + best]!) best = i;
  return best;
}

/** The first of some members, which all have its shape. @throws {TypeError} for other shapes, and for none. */
export function checkedMembers(members: readonly Logits[]): Logits {
  const first = members[0];
  if (first === undefined) throw new TypeError("Cannot form an ensemble of no members");
  for (const { images, classes, values } of members) {
    if (images !== first.images || classes !== first.classes || values.length !== images * classes) {
      throw new TypeError(
        `Cannot join logits of [${images}, ${classes}] (${values.length} values) with those of ` +
          `[${first.images}, ${first.classes}]`,
      );
    }
  }
  return first;
}

function normalised(weights: readonly number[], members: number): number[] {
  if (weights.length !== members) {
    throw new TypeError(`Cannot weigh ${members} members with ${weights.length} weights`);
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.some((weight) => !(weight >= 0 && weight < Infinity)) || !(sum > 0)) {
    throw new RangeError(
      `Cannot use the weights ${weights.join(", ")}: none may be negative, and one must be above 0`,
    );
  }
  return weights.map((weight) => weight / sum);
}
