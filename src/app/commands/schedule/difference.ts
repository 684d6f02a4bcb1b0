import { counted } from "#lib/numbers.ts";
import type { Trace } from "../../schedules/traces.ts";

/** Two schedules set against each other, step by step, over the steps that both have. */
export interface Difference {
  readonly names: readonly [string, string];
  /** Steps that both have; from `from` on. */
  readonly compared: number;
  readonly from: number;
  /** Steps whose rates differ. */
  readonly differing: number;
  /** The first step at which the two part; `null` where they never do. */
  readonly first: number | null;
  /** The largest ratio of the larger rate to the smaller, of steps where neither is 0; `null` where there is none. */
  readonly ratio: { readonly value: number; readonly step: number; readonly larger: string } | null;
  /** Steps at which exactly one of the rates is 0. */
  readonly oneIsZero: number;
  /** Σ |a − b|: the area between the curves, in rate times steps. */
  readonly area: number;
  /** Σ a and Σ b over the compared steps. */
  readonly sums: readonly [number, number];
}

/** Rates closer than this, relative to the larger, count as the same. */
const SAME = 1e-9;

/** The difference of two curves. */
export function differenceOf(a: Trace, b: Trace): Difference {
  const from = Math.max(a.start, b.start);
  const end = Math.min(a.start + a.lr.length, b.start + b.lr.length);
  let [differing, oneIsZero, area, sumA, sumB] = [0, 0, 0, 0, 0];
  let first: number | null = null;
  let ratio: Difference["ratio"] = null;
  for (let step = from; step < end; step++) {
    const [x, y] = [a.lr[step - a.start]!, b.lr[step - b.start]!];
    const [low, high] = x < y ? [x, y] : [y, x];
    area += high - low;
    sumA += x;
    sumB += y;
    if (high - low <= SAME * high) continue;
    differing++;
    first ??= step;
    if (low === 0) oneIsZero++;
    else if (high / low > (ratio?.value ?? 1)) {
      ratio = { value: high / low, step, larger: x > y ? a.name : b.name };
    }
  }
  const compared = Math.max(0, end - from);
  return {
    names: [a.name, b.name],
    compared,
    from,
    differing,
    first,
    ratio,
    oneIsZero,
    area,
    sums: [sumA, sumB],
  };
}

const short = (value: number) => String(Number(value.toPrecision(4)));

/** The difference as facts, for the terminal and the page. */
export function differenceFacts(d: Difference): { readonly label: string; readonly value: string }[] {
  const [a, b] = d.names;
  const [sumA, sumB] = d.sums;
  const share = sumA === 0 ? "" : ` (${short(100 * d.area / sumA)} % of the area under ${a})`;
  return [
    {
      label: "they part",
      value: d.first === null
        ? `never: the same rate at all ${counted(d.compared, "step")}`
        : `at step ${d.first}; they differ at ${d.differing} of ${counted(d.compared, "step")}`,
    },
    {
      label: "largest ratio",
      value:
        (d.ratio === null
          ? "1"
          : `${short(d.ratio.value)} at step ${d.ratio.step}, where ${d.ratio.larger} is higher`) +
        (d.oneIsZero === 0 ? "" : `; at ${counted(d.oneIsZero, "step")} one of them is 0`),
    },
    { label: "area between them", value: `${short(d.area)}, the sum of |difference|${share}` },
    { label: "sum of rates", value: `${short(sumA)} for ${a}, ${short(sumB)} for ${b}` },
  ];
}
