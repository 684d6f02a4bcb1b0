import type { Judgement } from "#results/judgement.ts";
import { beyond, intervalRange, type IntervalRow } from "../../charts/interval_range.ts";
import { fixed, signed } from "#lib/numbers.ts";
import { type Figure, seriesOf } from "../../model.ts";
import type { JudgedStyle } from "./metric_text.ts";

/** Each group's difference from the baseline, with its interval and its pairs. */
export function judgedDifferences(judgement: Judgement, style: JudgedStyle): Figure[] {
  const { comparisons, groups, baseline, margin, confidence } = judgement;
  const { name, unit, scale, decimals } = style;
  const names = groups.map((group) => group.name);
  const rows = comparisons.filter(({ difference }) => difference !== null).map((one): IntervalRow => ({
    label: one.group,
    series: seriesOf(names, one.group),
    value: scale * one.difference!,
    interval: one.interval && [scale * one.interval[0], scale * one.interval[1]],
    dots: one.differences.map(({ seed, value }, index) => ({
      seed: Number.isSafeInteger(Number(seed)) ? Number(seed) : index + 1,
      value: scale * value,
    })),
  }));
  if (rows.length === 0) return [];
  const range = intervalRange(rows, 0);
  const notes = [
    ...(margin === null ? [] : ["Grey: does not matter."]),
    ...(rows.some((row) => Object.values(beyond(row, range)).some(Boolean)) ? ["Arrow: goes on."] : []),
    ...(rows.some(({ interval }) => interval === null) ? ["Hollow: too few runs for an interval."] : []),
  ];
  const described = rows.map(({ label, value, interval }) =>
    `${label}: ${signed(value, decimals)}` +
    (interval ? ` [${fixed(interval[0], decimals)}, ${fixed(interval[1], decimals)}]` : ", no interval")
  );
  return [{
    kind: "figure",
    id: "differences",
    title: `${name} minus “${baseline}”`,
    width: "half",
    caption: [`Mean, ${percent(confidence)} interval, pairs.`, ...notes].join(" "),
    alt: `Differences in ${name} from ${baseline}. ${described.join("; ")}.`,
    chart: {
      kind: "intervals",
      x: { title: `difference${unit && ` (${unit})`}`, scale: "linear", decimals },
      reference: 0,
      rows,
      ...(margin !== null && { margin: scale * margin }),
    },
  }];
}

/** `95 %` */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(4))} %`;
}
