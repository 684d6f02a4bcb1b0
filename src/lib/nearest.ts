/**
 * The candidate with the smallest edit distance to `wrong`, if it is near enough to have been meant (at most a
 * third of the longer word, and at least one letter in common); else `null`.
 */
export function nearest(wrong: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(wrong.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(wrong.length, candidate.length) / 3));
    if (
      distance <= allowed && distance < Math.max(wrong.length, candidate.length) && distance < bestDistance
    ) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `did you mean "cosine"? ` where something is near, then every allowed name. */
export function suggest(wrong: string, candidates: readonly string[]): string {
  const near = nearest(wrong, candidates);
  const all = candidates.join(", ");
  return near === null ? `allowed: ${all}` : `did you mean ${JSON.stringify(near)}? Allowed: ${all}`;
}

/** The same for a key of a mapping: `lr: 0,1` in braces is read as two entries, `lr: 0` and a key `1`. */
export function suggestKey(wrong: string, candidates: readonly string[]): string {
  return /^\d+$/.test(wrong)
    ? "decimals are written with a point, 0.5 and not 0,5"
    : suggest(wrong, candidates);
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => {
    const row = new Array<number>(b.length + 1).fill(0);
    row[0] = i;
    return row;
  });
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, rows[i - 2]![j - 2]! + 1);
      }
      rows[i]![j] = distance;
    }
  }
  return rows[a.length]![b.length]!;
}
