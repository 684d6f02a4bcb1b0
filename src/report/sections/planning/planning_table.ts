import type { Comparison, Summary } from "#results/summary.ts";
import { planSeeds, type SeedPlan, spreadInterval } from "#stats/planning.ts";
import { MAX_SEEDS } from "#stats/power.ts";
import { metricStyle } from "../../format/metrics.ts";
import { seriesOf } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { fixed, interval } from "#lib/numbers.ts";

/** Metrics to plan for, the best first. */
const PLANNED = ["test_dice", "validation_dice", "test_accuracy", "validation_accuracy"];
/** Differences of accuracy or Dice, fixed beforehand: 0.5, 1, 2 and 5 points. */
const SIZES = [0.005, 0.01, 0.02, 0.05];
/** Confidence of the interval of the spread. */
const CONFIDENCE = 0.8;

/** Seeds that an experiment needs to detect a difference of a given size; none where no spread was measured. */
export function seedsNeededTable({ comparisons, arms }: Summary): Table[] {
  const measured = comparisons.filter(isPlannable);
  const metric = PLANNED.find((name) => measured.some((one) => one.metric === name));
  const rows = measured.filter((one) => one.metric === metric)
    .map((one) => ({
      ...one,
      plans: planSeeds(SIZES, one.spread, one.seeds, { family: one.family, confidence: CONFIDENCE }),
    }));
  if (metric === undefined) return [];
  const { name, differenceUnit, scale } = metricStyle(metric);
  const names = arms.map((arm) => arm.name);
  const counts = [...new Set(rows.map(({ seeds }) => seeds))].sort((a, b) => a - b);
  return [tableOf(rows, {
    caption: `Seeds needed to detect a difference in ${name}`,
    columns: [
      left("arm", ({ arm }) => arm),
      right(
        `spread (${differenceUnit})`,
        ({ spread, seeds }) =>
          `${fixed(scale * spread, 2)} ${interval(spreadInterval(spread, seeds, CONFIDENCE), 2, scale)}`,
      ),
      ...SIZES.map((size, index) =>
        right(
          `${scale * size} ${scale * size === 1 ? differenceUnit.replace(/s$/, "") : differenceUnit}`,
          ({ plans }: typeof rows[number]) => planText(plans[index]!),
        )
      ),
    ],
    series: ({ arm }) => seriesOf(names, arm),
    note:
      "Seeds with which 8 of 10 experiments detect such a difference. Spread: standard deviation of the differences, " +
      "80 % interval in brackets: " +
      `${
        counts.join(" or ")
      } seeds estimate it only roughly. Seeds in brackets: for the ends of that interval.`,
  })];
}

type Plannable = Comparison & { readonly spread: number; readonly family: number };

function isPlannable(one: Comparison): one is Plannable {
  return typeof one.spread === "number" && one.family !== undefined;
}

function planText({ seeds, range }: SeedPlan): string {
  return `${seedsText(seeds)} [${range.map(seedsText).join(", ")}]`;
}

function seedsText(seeds: number): string {
  return seeds >= MAX_SEEDS ? `> ${fixed(MAX_SEEDS, 0)}` : fixed(seeds, 0);
}
