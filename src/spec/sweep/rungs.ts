/** A round of successive halving: so many cells, each trained anew for this share of the full length. */
export interface Rung {
  readonly cells: number;
  /** Of a full run, in (0, 1]; the last rung's is 1. */
  readonly share: number;
}

/** One round with every cell at full length: what a grid and a random search are. */
export const oneRung = (cells: number): Rung[] => [{ cells, share: 1 }];

/**
 * Rounds of successive halving (Jamieson and Talwalkar, 2016): the best 1/η of each reach the next, and each round
 * costs the same, cells × length. At least two cells reach full length, so that the last comparison is one of full
 * runs. With n cells, c₀ = n, c₍ₖ₊₁₎ = ⌊cₖ/η⌋ and last count c_K, the share of round k is c_K/cₖ.
 *
 * @param least smallest share that a rung may have; fewer rungs are made where it would be smaller.
 * @throws {RangeError} for η below 2, or where no cell could be dropped.
 */
export function planRungs(cells: number, eta: number, least = 0): Rung[] {
  if (!(eta >= 2 && eta <= 100)) {
    throw new RangeError(
      `Cannot halve with eta ${eta}: 1/eta of the cells reach the next rung, so it must be 2 to 100`,
    );
  }
  const counts = [cells];
  for (;;) {
    const next = Math.floor(counts.at(-1)! / eta);
    if (next < 2 || next / cells < least) break;
    counts.push(next);
  }
  if (counts.length === 1) {
    const first = Math.floor(cells / eta) / cells;
    throw new RangeError(
      cells < 2 * eta
        ? `Cannot halve ${cells} cells with eta ${eta}: at least ${
          Math.ceil(2 * eta)
        } are needed, so that two reach ` +
          "full length"
        : `Cannot halve ${cells} cells with eta ${eta}: the first rung would be ${
          percent(first)
        } of a full run, and ` +
          `the shortest allowed is ${percent(least)}`,
    );
  }
  const last = counts.at(-1)!;
  return counts.map((count) => ({ cells: count, share: last / count }));
}

const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
