import type { ArmSummary, Comparison, RunSummary, Summary } from "#results/summary.ts";
import { bootstrapInterval } from "#stats/bootstrap.ts";
import { finiteOf, summarize } from "#stats/summary.ts";
import { metricStyle } from "../../format/metrics.ts";
import { seriesOf } from "../../model.ts";
import type { ColumnHead, Table } from "../../table.ts";
import { compact, counted, fixed, interval, MISSING, signed } from "../../format/numbers.ts";
import { capitalized } from "../../format/text.ts";

const left = (label: string): ColumnHead => ({ label, align: "left" });
const right = (label: string): ColumnHead => ({ label, align: "right" });

/** Final figures of each arm: mean ± standard deviation over seeds, and the interval of the mean. */
export function armsTable({ arms }: Pick<Summary, "arms">): Table {
  const parts = arms.filter(({ compared }) => compared === false).map(({ name }) => `“${name}”`);
  const interrupted = arms.some(({ runs }) => runs.some(({ reason }) => reason !== "budget"));
  return {
    kind: "table",
    caption: "Final figures of each arm",
    columns: [
      left("arm"),
      right("test accuracy (%)"),
      right("validation accuracy (%)"),
      right("training loss (nats)"),
      right("steps to target"),
      right("runs"),
      right("ms per step"),
    ],
    keys: 1,
    rows: arms.map((arm, series) => ({ series, cells: armCells(arm) })),
    note:
      "Mean ± standard deviation over seeds, and the 95 % bootstrap interval of the mean. Training loss is the " +
      "mean over the last tenth of a run. Steps to target: mean over the runs that reached it" +
      (arms.some(({ runs }) => runs.some((run) => run.failed && !run.diverged))
        ? ". Failed: ended hardly better than guessing, which the figures take in"
        : "") +
      (interrupted ? "; figures leave out runs that diverged or were stopped." : ".") +
      (parts.length > 0 ? ` Others go on from ${parts.join(", ")}, which are drawn and not compared.` : ""),
  };
}

function armCells({ name, runs }: ArmSummary): string[] {
  const accuracy = (of: (run: RunSummary) => number | null) => {
    const values = bySeed(runs, of);
    const bounds = bootstrapInterval(finiteOf(values));
    // No accuracy lies outside, wherever a few scattered seeds would put the ends.
    const held = bounds && [Math.max(0, bounds[0]), Math.min(1, bounds[1])] as const;
    return meanAndSpread(values, 100, 1) + (held ? ` ${interval(held, 1, 100)}` : "");
  };
  const diverged = runs.filter((run) => run.diverged).length;
  const guessing = runs.filter((run) => run.failed && !run.diverged).length;
  const stopped = runs.filter(({ reason }) => reason === "stopped").length;
  return [
    name,
    accuracy(({ final }) => final.test_accuracy),
    accuracy(({ final }) => final.validation_accuracy),
    meanAndSpread(bySeed(runs, ({ final }) => final.training_loss), 1, 3),
    stepsText(runs),
    [
      String(runs.length),
      ...diverged > 0 ? [`${diverged} diverged`] : [],
      ...guessing > 0 ? [`${guessing} failed`] : [],
      ...stopped > 0 ? [`${stopped} stopped`] : [],
    ].join(", "),
    fixed(summarize(runs.map(({ ms_per_step }) => ms_per_step))?.mean, 1),
  ];
}

/** A value for each seed: independent members of one seed stand for it by their mean, where all have one. */
function bySeed(runs: readonly RunSummary[], of: (run: RunSummary) => number | null): (number | null)[] {
  return [...Map.groupBy(runs, (run) => run.member?.of ?? run.seed).values()].map((members) => {
    const values = finiteOf(members.map(of));
    return values.length < members.length ? null : summarize(values)!.mean;
  });
}

/** The mean over the runs that reached the target; how many did, where some did not. */
function stepsText(runs: readonly RunSummary[]): string {
  const reached = summarize(runs.map(({ steps_to_target }) => steps_to_target));
  if (reached === null) return MISSING;
  const share = reached.count < runs.length ? ` (${reached.count} of ${runs.length})` : "";
  return `${fixed(reached.mean, 0)}${share}`;
}

function meanAndSpread(values: readonly (number | null)[], scale: number, decimals: number): string {
  const found = summarize(values);
  if (found === null) return MISSING;
  return fixed(scale * found.mean, decimals) +
    (found.sd === null ? "" : ` ± ${fixed(scale * found.sd, decimals)}`);
}

/** The paired comparisons, a table for each metric and baseline. */
export function comparisonTables({ comparisons, arms }: Summary): Table[] {
  const names = arms.map(({ name }) => name);
  const groups = Map.groupBy(comparisons, ({ metric, against }) => JSON.stringify([metric, against]));
  return [...groups.values()].map((rows) => comparisonTable(rows, names));
}

function comparisonTable(comparisons: readonly Comparison[], names: readonly string[]): Table {
  const { metric, against } = comparisons[0]!;
  const { name, differenceUnit, scale, decimals } = metricStyle(metric);
  const counts = new Set(comparisons.map(({ seeds }) => seeds));
  const isSame = counts.size === 1;
  const isCorrected = comparisons.some(({ family = 1 }) => family > 1);
  const unit = differenceUnit && ` (${differenceUnit})`;
  return {
    kind: "table",
    width: isCorrected ? "full" : "half",
    caption: `${capitalized(name)}${unit}: arm minus “${against}”${
      isSame ? `, ${counted(comparisons[0]!.seeds, "seed")}` : ""
    }`,
    columns: [
      left("arm"),
      right("difference"),
      right("95 % interval"),
      ...(isCorrected ? [right("alone")] : []),
      left("verdict"),
      ...(isSame ? [] : [right("seeds")]),
    ],
    keys: 1,
    rows: comparisons.map(({ arm, difference, interval: bounds, interval_uncorrected, verdict, seeds }) => ({
      series: seriesOf(names, arm),
      cells: [
        arm,
        signed(difference === null ? null : scale * difference, decimals),
        interval(bounds, decimals, scale),
        ...(isCorrected ? [interval(interval_uncorrected ?? null, decimals, scale)] : []),
        verdict,
        ...(isSame ? [] : [String(seeds)]),
      ],
    })),
    note: "",
  };
}

/** Each rate that was tried for each arm. */
export function tuningTable({ tuning, arms }: Summary): Table {
  const names = arms.map(({ name }) => name);
  return {
    kind: "table",
    caption: "Rates tried",
    columns: [left("arm"), right("rate"), right("validation accuracy (%)"), right("diverged")],
    keys: 2,
    rows: tuning.flatMap(({ arm, trials, chosen }) =>
      trials.map(({ value, accuracy, diverged }) => ({
        series: seriesOf(names, arm),
        cells: [
          arm,
          `${value === chosen ? "★ " : ""}${compact(value)}`,
          fixed(accuracy === null ? null : 100 * accuracy, 1),
          diverged === 0 ? MISSING : String(diverged),
        ],
      }))
    ),
    note: "★ chosen: the best validation accuracy of the rates tried.",
  };
}
