/** The quantities of a schedule that a loss law needs: sums of rates, and where they changed. */
export interface Places {
  /** Steps done at each point, ascending, at least 1. */
  readonly steps: Float64Array;
  /** Σ η over the steps before each point. */
  readonly sums: Float64Array;
  /** Changes of the rate, in order. */
  readonly changes: {
    /** Steps done before the first step at the new rate; where changes were joined, their mean by size. */
    readonly steps: Float64Array;
    /** Σ η over the steps before it. */
    readonly sums: Float64Array;
    /** η before minus η after: above 0 where the rate falls. */
    readonly drops: Float64Array;
    /** η after. */
    readonly rates: Float64Array;
  };
}

/** Most changes of the rate that a fit takes from a curve, and a prediction from a schedule. */
export const CHANGES = { fit: 128, prediction: 1024 } as const;

/**
 * The places of a run's points. Where the rate changes more often than `most` times, neighbouring changes between two
 * points are joined, each group with the same share of all change, so that a jump stays alone.
 *
 * @param rates the rate of every step.
 * @param points steps done at each point, ascending, 1 to the number of rates.
 * @throws {RangeError} for a point beyond the rates.
 */
export function placesOf(rates: Float64Array, points: readonly number[], most = Infinity): Places {
  const wrong = points.find((point, index) =>
    !(point >= 1 && point <= rates.length && point >= (points[index - 1] ?? 1))
  );
  if (wrong !== undefined) {
    throw new RangeError(`Cannot place a loss after ${wrong} steps: expected 1 to ${rates.length}, rising`);
  }
  const sums = new Float64Array(rates.length + 1);
  rates.forEach((rate, step) => sums[step + 1] = sums[step]! + rate);
  return {
    steps: Float64Array.from(points),
    sums: Float64Array.from(points, (point) => sums[point]!),
    changes: changesOf(rates, sums, points, most),
  };
}

function changesOf(
  rates: Float64Array,
  sums: Float64Array,
  points: readonly number[],
  most: number,
): Places["changes"] {
  const found: number[] = [];
  let total = 0;
  for (let step = 1; step < rates.length; step++) {
    if (rates[step] === rates[step - 1]) continue;
    found.push(step);
    total += Math.abs(rates[step]! - rates[step - 1]!);
  }
  // Half the groups by size of the change, half by length: a cosine's ends change little in many steps.
  const [largest, longest] = [2 * total / most, 2 * rates.length / most];
  const groups: number[][] = [];
  let [size, isUp, next, behind] = [Infinity, false, 0, 0];
  for (const step of found) {
    // A point sees the changes before it.
    while (next < points.length && points[next]! <= step) next++;
    const change = rates[step]! - rates[step - 1]!;
    const group = groups.at(-1);
    const joins = group !== undefined && size + Math.abs(change) <= largest &&
      step - group[0]! <= longest && change > 0 === isUp && next === behind;
    if (joins) group.push(step);
    else groups.push([step]);
    size = joins ? size + Math.abs(change) : Math.abs(change);
    isUp = change > 0;
    behind = next;
  }
  const drops = groups.map((group) => rates[group[0]! - 1]! - rates[group.at(-1)!]!);
  const weighted = (values: (step: number) => number) =>
    Float64Array.from(groups, (group, index) =>
      group.length === 1 ? values(group[0]!) : group.reduce(
        (sum, step) => sum + values(step) * (rates[step - 1]! - rates[step]!) / drops[index]!,
        0,
      ));
  return {
    steps: weighted((step) => step),
    sums: weighted((step) => sums[step]!),
    drops: Float64Array.from(drops),
    rates: weighted((step) => rates[step]!),
  };
}
