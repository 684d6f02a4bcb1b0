import type { BudgetSummary, Summary } from "#results/summary.ts";
import type { Line } from "../../charts/lines/chart.ts";
import { compact, fixed, interval, MISSING } from "#lib/numbers.ts";
import { type Figure, type Section, seriesOf } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";

/** Test accuracy by the number of rates that were tried, and by the rate; none where no budgets were asked for. */
export function budgetsSection({ budgets = [] }: Summary, series: readonly string[]): Section[] {
  if (budgets.length === 0) return [];
  return [{
    id: "budgets",
    title: "Tuning budgets",
    brief: true,
    blocks: [
      { kind: "text", text: MEANING },
      budgetFigure(budgets, series),
      rateFigure(budgets, series),
      budgetTable(budgets, series),
    ],
  }];
}

const MEANING =
  "Of every choice of so many rates, tuning takes one, by validation accuracy with its own seeds; the test accuracy at that rate " +
  "is that of the comparison's seeds, averaged over all choices, each as likely. A run that failed counts as guessing. The figure for one rate " +
  "depends on the range that rates are drawn from; that for all of them hardly does.";
const INTERVALS = "Mean over seeds with its 95 % interval, each alone; the answers compare arms.";

function budgetFigure(budgets: readonly BudgetSummary[], series: readonly string[]): Figure {
  const lines = budgets.map(({ arm, expected }) =>
    lineOf(arm, series, expected.map((one) => ({ ...one, x: one.rates })), null)
  );
  const counts = [...new Set(budgets.flatMap(({ expected }) => expected.map(({ rates }) => rates)))];
  return {
    kind: "figure",
    id: "tuning-budgets",
    title: "Test accuracy by the number of rates that tuning tries",
    width: "full",
    caption: INTERVALS,
    alt: `Expected test accuracy by tuning budget. ${lines.map(endsOf).join("; ")}.`,
    chart: {
      kind: "lines",
      bands: "interval",
      x: { title: "rates tried", scale: "linear", decimals: 0, ticks: counts },
      y: { title: "test accuracy (%)", scale: "linear", decimals: 1 },
      above: null,
      lines,
      levels: [],
    },
  };
}

function rateFigure(budgets: readonly BudgetSummary[], series: readonly string[]): Figure {
  const lines = budgets.flatMap(({ arm, rates, chosen }) => {
    if (chosen === null) return [];
    const points = rates.map((one) => ({ ...one, x: one.value / chosen }));
    return [lineOf(arm, series, points, chosen)];
  });
  const ticks = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  return {
    kind: "figure",
    id: "rate-sensitivity",
    title: "Test accuracy by learning rate over the chosen one",
    width: "full",
    caption: `${INTERVALS} At 1 is the rate that tuning chose.`,
    alt: `Test accuracy by the learning rate as a multiple of the chosen one. ${
      lines.map(endsOf).join("; ")
    }.`,
    chart: {
      kind: "lines",
      bands: "interval",
      x: { title: "rate / chosen rate (log scale)", scale: "log", decimals: "significant", ticks },
      y: { title: "test accuracy (%)", scale: "linear", decimals: 1 },
      above: null,
      lines,
      levels: [],
    },
  };
}

interface Point {
  readonly x: number;
  readonly accuracy: number | null;
  readonly interval: readonly [number, number] | null;
}

function lineOf(
  arm: string,
  series: readonly string[],
  points: readonly Point[],
  chosen: number | null,
): Line {
  const shown = points.filter(({ accuracy }) => accuracy !== null);
  const marked = chosen === null ? -1 : shown.findIndex(({ x }) => x === 1);
  return {
    series: seriesOf(series, arm) ?? 0,
    label: arm,
    x: shown.map(({ x }) => x),
    y: shown.map(({ accuracy }) => 100 * accuracy!),
    band: {
      low: shown.map((one) => 100 * (one.interval?.[0] ?? one.accuracy!)),
      high: shown.map((one) => 100 * (one.interval?.[1] ?? one.accuracy!)),
    },
    bars: true,
    style: "points",
    chosen: marked < 0 ? null : marked,
  };
}

const endsOf = ({ label, y }: Line) =>
  `${label} from ${fixed(y[0] ?? null, 1)} to ${fixed(y.at(-1) ?? null, 1)} %`;

function budgetTable(budgets: readonly BudgetSummary[], series: readonly string[]): Table {
  const most = Math.max(...budgets.map(({ expected }) => expected.length));
  const counts = [...new Set([1, Math.min(3, most), most])];
  const [margin] = budgets.flatMap(({ near_best }) => near_best?.margin ?? []);
  const points = (
    accuracy: number | null | undefined,
    bounds: readonly [number, number] | null | undefined,
  ) => accuracy == null ? MISSING : `${fixed(100 * accuracy, 1)} ${interval(bounds ?? null, 1, 100)}`;
  return tableOf(budgets, {
    caption: "Test accuracy (%) that each budget gives, and the price of another rate",
    columns: [
      left("arm", ({ arm }) => arm),
      ...counts.map((count) =>
        right<BudgetSummary>(count === 1 ? "one rate" : `best of ${count}`, ({ expected }) => {
          const found = expected.find(({ rates }) => rates === count);
          return points(found?.accuracy, found?.interval);
        })
      ),
      right("lost at half and twice", ({ lost_beside_chosen: lost }) => points(lost.accuracy, lost.interval)),
      right(
        `within ${fixed(100 * (margin ?? 0), 0)} point of the best`,
        ({ near_best: near }) =>
          near === null
            ? MISSING
            : `${compact(near.from)} to ${compact(near.to)} (× ${compact(near.to / near.from)})`,
      ),
      right("failed", ({ rates }) => {
        const sum = (of: "runs" | "failed") => rates.reduce((total, rate) => total + rate[of], 0);
        return `${sum("failed")} of ${sum("runs")}`;
      }),
    ],
    series: ({ arm }) => seriesOf(series, arm),
    note:
      "Brackets: 95 % interval of the mean over seeds, each alone. Lost: mean of the rates half and twice the chosen one.",
  });
}
