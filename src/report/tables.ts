import type { ArmSummary, RunSummary, Summary } from "#lab/summary.ts";
import { bootstrapInterval } from "#stats/bootstrap.ts";
import { finiteOf, summarize } from "#stats/summary.ts";
import { metricStyle } from "./metrics.ts";
import type { Column, Table } from "./model.ts";
import { compact, fixed, interval, MISSING, signed } from "./numbers.ts";

const left = (label: string): Column => ({ label, align: "left" });
const right = (label: string): Column => ({ label, align: "right" });

/** Final figures of each arm: mean ± standard deviation over seeds, and the interval of the mean. */
export function armsTable({ arms }: Summary): Table {
  const interrupted = arms.some(({ runs }) => runs.some(({ reason }) => reason !== "budget"));
  return {
    kind: "table",
    caption: "Arms",
    columns: [
      left("arm"),
      right("test accuracy (%)"),
      right("95 % interval"),
      right("validation accuracy (%)"),
      right("95 % interval"),
      right("training loss (nats)"),
      right("steps to target"),
      right("runs"),
      right("ms per step"),
    ],
    rows: arms.map((arm, series) => ({ series, cells: armCells(arm) })),
    note:
      "Mean ± standard deviation over seeds; the interval is that of the mean, by bootstrap. Training loss is the " +
      "mean over the last tenth of a run. Steps to target: mean over the runs that reached it" +
      (interrupted ? "; figures leave out runs that diverged or were stopped." : "."),
  };
}

function armCells({ name, runs }: ArmSummary): string[] {
  const accuracy = (of: (run: RunSummary) => number | null) => {
    const values = runs.map(of);
    return [meanAndSpread(values, 100, 1), interval(bootstrapInterval(finiteOf(values)), 1, 100)];
  };
  const reached = finiteOf(runs.map(({ steps_to_target }) => steps_to_target));
  const steps = summarize(reached);
  const diverged = runs.filter((run) => run.diverged).length;
  const stopped = runs.filter(({ reason }) => reason === "stopped").length;
  return [
    name,
    ...accuracy(({ final }) => final.test_accuracy),
    ...accuracy(({ final }) => final.validation_accuracy),
    meanAndSpread(runs.map(({ final }) => final.training_loss), 1, 3),
    steps === null
      ? "never"
      : `${fixed(steps.mean, 0)}${
        reached.length < runs.length ? ` (${reached.length} of ${runs.length})` : ""
      }`,
    `${runs.length}${diverged > 0 ? `, ${diverged} diverged` : ""}${
      stopped > 0 ? `, ${stopped} stopped` : ""
    }`,
    fixed(summarize(runs.map(({ ms_per_step }) => ms_per_step))?.mean, 1),
  ];
}

function meanAndSpread(values: readonly (number | null)[], scale: number, decimals: number): string {
  const found = summarize(values);
  if (found === null) return MISSING;
  return fixed(scale * found.mean, decimals) +
    (found.sd === null ? "" : ` ± ${fixed(scale * found.sd, decimals)}`);
}

/** Every paired comparison with its verdict. */
export function comparisonsTable({ comparisons, arms }: Summary): Table {
  const names = arms.map(({ name }) => name);
  return {
    kind: "table",
    caption: "Paired comparisons",
    columns: [
      left("arm"),
      left("against"),
      left("metric"),
      right("difference"),
      right("95 % interval"),
      right("seeds"),
      left("verdict"),
    ],
    rows: comparisons.map(({ arm, against, metric, difference, interval: bounds, seeds, verdict }) => {
      const { name, differenceUnit, scale, decimals } = metricStyle(metric);
      const told = difference === null ? MISSING : signed(scale * difference, decimals);
      return {
        series: names.indexOf(arm) === -1 ? null : names.indexOf(arm),
        cells: [
          arm,
          against,
          name,
          difference === null || differenceUnit === "" ? told : `${told} ${differenceUnit}`,
          interval(bounds, decimals, scale),
          String(seeds),
          verdict,
        ],
      };
    }),
    note:
      "Difference: arm minus against, within each seed. Each interval stands for itself: of twenty comparisons " +
      "without any effect, about one would still be told apart.",
  };
}

/** Each rate that was tried for each arm. */
export function tuningTable({ tuning, arms }: Summary): Table {
  const names = arms.map(({ name }) => name);
  return {
    kind: "table",
    caption: "Rates tried",
    columns: [left("arm"), right("rate"), right("validation accuracy (%)"), right("diverged"), left("")],
    rows: tuning.flatMap(({ arm, trials, chosen }) =>
      trials.map(({ value, accuracy, diverged }) => ({
        series: names.indexOf(arm) === -1 ? null : names.indexOf(arm),
        cells: [
          arm,
          compact(value),
          fixed(accuracy === null ? null : 100 * accuracy, 1),
          diverged === 0 ? MISSING : String(diverged),
          value === chosen ? "chosen" : "",
        ],
      }))
    ),
    note: "",
  };
}
