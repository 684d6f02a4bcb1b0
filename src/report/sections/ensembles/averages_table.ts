import type { ModelSummary } from "#results/models.ts";
import type { RunSummary, Summary } from "#results/summary.ts";
import { pairedDifference } from "#stats/paired.ts";
import { finiteOf, mean } from "#stats/summary.ts";
import type { Table } from "../../table.ts";
import { fixed, interval, MISSING, signed } from "../../format/numbers.ts";

/** The final weights of each arm against their averages; none where no run made any. */
export function averagesTable({ arms, dataset }: Summary): Table[] {
  const pairs = arms.flatMap(({ name: arm, runs }, series) => {
    const names = new Set(runs.flatMap(({ models = [] }) => models.map(({ name }) => name)));
    return [...names].filter(isAverage).map((average) => ({ arm, series, runs, average }));
  });
  if (pairs.length === 0) return [];
  const right = (label: string) => ({ label, align: "right" as const });
  return [{
    kind: "table",
    caption: "Averages of the weights against the final weights: test accuracy in %, mean over runs",
    columns: [
      { label: "arm", align: "left" },
      { label: "average", align: "left" },
      right("final weights"),
      right("average"),
      right("difference (points)"),
      right("95 % interval"),
      { label: "verdict", align: "left" },
    ],
    keys: 2,
    rows: pairs.map(({ arm, series, runs, average }) => {
      const [averaged, final] = [accuracies(runs, average), accuracies(runs, "final")];
      const measured = pairedDifference(averaged, final, {
        resolution: 1 / dataset.test,
        largest: 1,
        family: pairs.length,
      });
      return {
        series,
        cells: [
          arm,
          average,
          percent(final),
          percent(averaged),
          signed(measured.difference === null ? null : 100 * measured.difference, 1),
          interval(measured.interval, 1, 100),
          measured.verdict,
        ],
      };
    }),
    note: "Average minus final weights of the same run, batch-norm statistics re-estimated for the average" +
      (pairs.length > 1 ? `; intervals widened for ${pairs.length} rows.` : "."),
  }];
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
