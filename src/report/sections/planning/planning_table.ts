import { median } from "#lib/median.ts";
import { fixed, interval, significant } from "#lib/numbers.ts";
import type { Comparison, Summary } from "#results/summary.ts";
import { finiteOf } from "#stats/summary.ts";
import { planSeeds, type SeedPlan, spreadInterval } from "#stats/planning.ts";
import { MAX_SEEDS } from "#stats/power.ts";
import { type MetricStyle, metricStyle } from "../../format/metrics.ts";
import { seriesOf } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";

/** Metrics to plan for, the best first. */
const PLANNED = [
  "test_dice",
  "validation_dice",
  "test_perplexity",
  "validation_perplexity",
  "test_accuracy",
  "validation_accuracy",
];
/** Differences, fixed beforehand: 0.5, 1, 2 and 5 points of accuracy or Dice, as many per cent of a perplexity. */
const SIZES = [0.005, 0.01, 0.02, 0.05];
/** Confidence of the interval of the spread. */
const CONFIDENCE = 0.8;

/** Seeds that an experiment needs to detect a difference of a given size; none where no spread was measured. */
export function seedsNeededTable({ comparisons, arms }: Summary): Table[] {
  const level = (metric: string) => typicalPerplexity(metric, arms) ?? 1;
  const measured = comparisons.filter(isPlannable);
  const metric = PLANNED.find((name) => measured.some((one) => one.metric === name));
  const rows = measured.filter((one) => one.metric === metric)
    .map((one) => ({
      ...one,
      plans: planSeeds(SIZES.map((size) => size * level(one.metric)), one.spread, one.seeds, {
        family: one.family,
        confidence: CONFIDENCE,
      }),
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
        differenceUnit === "" ? "spread" : `spread (${differenceUnit})`,
        ({ spread, seeds }) =>
          `${fixed(scale * spread, 2)} ${interval(spreadInterval(spread, seeds, CONFIDENCE), 2, scale)}`,
      ),
      ...SIZES.map((size, index) =>
        right(
          sizeText(size, { scale, differenceUnit }, typicalPerplexity(metric, arms)),
          ({ plans }: typeof rows[number]) => planText(plans[index]!),
        )
      ),
    ],
    series: ({ arm }) => seriesOf(names, arm),
    note:
      "Seeds with which 8 of 10 experiments detect such a difference. Spread: standard deviation of the differences, " +
      `80 % interval in brackets: ${
        counts.join(" or ")
      } seeds estimate it only roughly. Seeds in brackets: for the ` +
      "ends of that interval." +
      (typicalPerplexity(metric, arms) === null
        ? ""
        : " Sizes: shares of the median perplexity of all runs."),
  })];
}

/** The median of a perplexity over all runs that have one; `null` for another metric. */
function typicalPerplexity(metric: string, arms: Summary["arms"]): number | null {
  if (metric !== "test_perplexity" && metric !== "validation_perplexity") return null;
  const all = finiteOf(arms.flatMap(({ runs }) => runs.map(({ text }) => text?.[metric] ?? null)));
  return all.length === 0 ? null : median(all);
}

/** `1 point`, and of a perplexity the share with its size: `1 % (0.055)`. */
function sizeText(
  size: number,
  { scale, differenceUnit }: Pick<MetricStyle, "scale" | "differenceUnit">,
  perplexity: number | null,
): string {
  if (perplexity !== null) return `${100 * size} % (${significant(size * perplexity, 2)})`;
  const shown = scale * size;
  return `${shown} ${shown === 1 ? differenceUnit.replace(/s$/, "") : differenceUnit}`;
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
