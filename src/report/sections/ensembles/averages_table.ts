import type { ModelSummary } from "#results/models.ts";
import type { RunSummary, Summary } from "#results/summary.ts";
import { pairedDifference } from "#stats/paired.ts";
import { finiteOf, mean } from "#stats/summary.ts";
import { fixed, interval, MISSING, signed } from "#lib/numbers.ts";
import { left, right, type Table, tableUnlessEmpty } from "../../table.ts";

/** Averaged weights of each arm against the final weights; none where no run averaged its weights. */
export function averagesTable({ arms, dataset }: Summary): Table[] {
  const pairs = arms.flatMap(({ name: arm, runs }, series) => {
    const names = new Set(runs.flatMap(({ models = [] }) => models.map(({ name }) => name)));
    return [...names].filter(isAverage).map((average) => ({
      arm,
      series,
      average,
      averaged: accuracies(runs, average),
      final: accuracies(runs, "final"),
    }));
  });
  const rows = pairs.map((pair) => ({
    ...pair,
    measured: pairedDifference(pair.averaged, pair.final, {
      resolution: 1 / dataset.test,
      largest: 1,
      family: pairs.length,
    }),
  }));
  return tableUnlessEmpty(rows, {
    caption: "Averaged weights against final weights: test accuracy in %, mean over runs",
    columns: [
      left("arm", ({ arm }) => arm),
      left("average", ({ average }) => average),
      right("final weights", ({ final }) => percent(final)),
      right("averaged weights", ({ averaged }) => percent(averaged)),
      right(
        "difference (points)",
        ({ measured: { difference } }) => signed(difference === null ? null : 100 * difference, 1),
      ),
      right("95 % interval", ({ measured }) => interval(measured.interval, 1, 100)),
      left("verdict", ({ measured }) => measured.verdict),
    ],
    keys: 2,
    series: ({ series }) => series,
    note:
      "Averaged minus final weights of the same run; batch-norm statistics are estimated again for the average." +
      (pairs.length > 1 ? ` Intervals are widened for ${pairs.length} comparisons.` : ""),
  });
}

function isAverage(name: string): boolean {
  return name !== "final" && !name.startsWith("snapshot/");
}

function accuracies(runs: readonly RunSummary[], name: string): Map<number, number | null> {
  const of = (model: ModelSummary | undefined) => model?.test_accuracy ?? null;
  return new Map(runs.map(({ seed, models = [] }) => [seed, of(models.find((one) => one.name === name))]));
}

function percent(values: ReadonlyMap<number, number | null>): string {
  const found = finiteOf(values.values());
  return found.length === 0 ? MISSING : fixed(100 * mean(found), 1);
}
