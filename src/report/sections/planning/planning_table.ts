import type { Comparison, Summary } from "#results/summary.ts";
import { planSeeds, type SeedPlan, spreadInterval } from "#stats/planning.ts";
import { MAX_SEEDS } from "#stats/power.ts";
import { metricStyle } from "../../format/metrics.ts";
import { seriesOf } from "../../model.ts";
import type { Table } from "../../table.ts";
import { fixed, interval } from "../../format/numbers.ts";

/** Metrics to plan for, the best first. */
const PLANNED = ["test_accuracy", "validation_accuracy"];
/** Differences of accuracy that one may want to see, fixed beforehand: 0.5, 1, 2 and 5 points. */
const SIZES = [0.005, 0.01, 0.02, 0.05];
/** Of the interval of the spread that the ranges stand for. */
const CONFIDENCE = 0.8;

/** How many seeds the next experiment needs to see a difference of a given size; none where no spread was measured. */
export function seedsNeededTable({ comparisons, arms }: Summary): Table[] {
  const measured = comparisons.filter(isPlannable);
  const metric = PLANNED.find((name) => measured.some((one) => one.metric === name));
  const rows = measured.filter((one) => one.metric === metric);
  if (metric === undefined) return [];
  const { name, differenceUnit, scale } = metricStyle(metric);
  const names = arms.map((arm) => arm.name);
  const counts = [...new Set(rows.map(({ seeds }) => seeds))].sort((a, b) => a - b);
  return [{
    kind: "table",
    caption: `Seeds that it would take to see a difference in ${name}`,
    columns: [
      { label: "arm", align: "left" },
      { label: `spread (${differenceUnit})`, align: "right" },
      ...SIZES.map((size) => ({
        label: `${scale * size} ${scale * size === 1 ? differenceUnit.replace(/s$/, "") : differenceUnit}`,
        align: "right" as const,
      })),
    ],
    keys: 1,
    rows: rows.map(({ arm, spread, seeds, family }) => ({
      series: seriesOf(names, arm),
      cells: [
        arm,
        `${fixed(scale * spread, 2)} ${interval(spreadInterval(spread, seeds, CONFIDENCE), 2, scale)}`,
        ...planSeeds(SIZES, spread, seeds, { family, confidence: CONFIDENCE }).map(told),
      ],
    })),
    note:
      "Paired seeds with which a true difference of that size is told from zero in 8 of 10 experiments, the " +
      "interval widened as above. Spread: standard deviation of the differences within seeds. " +
      `${
        counts.join(" or ")
      } seeds estimate it badly: brackets hold it in 8 of 10 experiments, and the seeds in ` +
      "brackets are those for its two ends.",
  }];
}

type Plannable = Comparison & { readonly spread: number; readonly family: number };

function isPlannable(one: Comparison): one is Plannable {
  return typeof one.spread === "number" && one.family !== undefined;
}

function told({ seeds, range }: SeedPlan): string {
  return `${counted(seeds)} [${range.map(counted).join(", ")}]`;
}

function counted(seeds: number): string {
  return seeds >= MAX_SEEDS ? `> ${fixed(MAX_SEEDS, 0)}` : fixed(seeds, 0);
}
