import { checkedMembers, type Logits, type Score, score, softmax } from "./ensemble.ts";

/** Subsets of one size that are scored at most; where there are more, evenly spaced ones in lexical order stand in. */
const MOST_SUBSETS = 60;

/**
 * Mean score of mean-probability ensembles of 1, 2, … M members, over the subsets of each size.
 *
 * @example Two equal members gain nothing
 * ```ts
 * import assert from "node:assert/strict";
 * import { gainByMembers } from "#stats/ensemble_gain.ts";
 *
 * const member = { images: 2, classes: 2, values: [1, 0, 1, 0] };
 * const [alone, both] = gainByMembers([member, member], [0, 1]);
 * assert.equal(alone!.accuracy, 0.5);
 * assert.equal(both!.accuracy, 0.5);
 * ```
 */
export function gainByMembers(members: readonly Logits[], labels: ArrayLike<number>): Score[] {
  const { images, classes } = checkedMembers(members);
  const probabilities = members.map(softmax);
  return members.map((_, index) => {
    const size = index + 1;
    const chosen = spread(subsets(members.length, size), MOST_SUBSETS);
    const scores = chosen.map((subset) => {
      const mixed = new Float64Array(images * classes);
      for (const member of subset) {
        const one = probabilities[member]!;
        for (let i = 0; i < mixed.length; i++) mixed[i]! += one[i]! / size;
      }
      return score(mixed, labels);
    });
    const average = (of: (one: Score) => number) =>
      scores.reduce((sum, one) => sum + of(one), 0) / scores.length;
    return { accuracy: average(({ accuracy }) => accuracy), loss: average(({ loss }) => loss) };
  });
}

/** Subsets of `size` of the numbers below `count`, in lexical order, the first 5,000 of them. */
function subsets(count: number, size: number): number[][] {
  const found: number[][] = [];
  const visit = (from: number, taken: number[]): void => {
    if (found.length >= 5_000) return;
    if (taken.length === size) {
      found.push(taken);
      return;
    }
    for (let next = from; next <= count - (size - taken.length); next++) visit(next + 1, [...taken, next]);
  };
  visit(0, []);
  return found;
}

function spread<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, i) => values[Math.round((i * (values.length - 1)) / (most - 1))]!);
}
