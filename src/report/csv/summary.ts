import type { Experiment } from "#study/compare_experiments.ts";
import type { MetricEntry } from "#results/metric_entry.ts";
import { isOfSomeData } from "#results/metric_entry.ts";
import { METRICS } from "#results/metrics.ts";
import type { CsvField } from "../render/csv.ts";
import { type CsvFile, csvFile } from "../table.ts";

/** Columns by their heads. */
type Fields<R> = Readonly<Record<string, (row: R) => CsvField>>;

/** A file with the rows that `rowsOf` finds in each experiment. */
function summaryFile<R>(
  name: string,
  rowsOf: (summary: Experiment["summary"]) => readonly R[],
  fields: (rows: readonly R[]) => Fields<R>,
): (experiments: readonly Experiment[]) => CsvFile {
  return (experiments) => {
    const rows = experiments.flatMap(({ folder, summary }) =>
      rowsOf(summary).map((row) => ({ folder, row }))
    );
    return csvFile(name, rows, [
      { label: "experiment", value: ({ folder }: typeof rows[number]) => folder },
      ...Object.entries(fields(rows.map(({ row }) => row))).map(([label, of]) => ({
        label,
        value: ({ row }: typeof rows[number]) => of(row),
      })),
    ]);
  };
}

/** A column for each metric of a kind, under its label and the unit of its raw figure. */
function metricColumns(ofKind: (metric: MetricEntry) => boolean): Fields<object> {
  return Object.fromEntries(
    METRICS.filter(ofKind).map(({ key, label, units: { raw } }): [string, (row: object) => CsvField] => [
      raw ? `${label} (${raw})` : label,
      (row) => figureOf(row, key),
    ]),
  );
}

function figureOf(row: object, key: string): number | null {
  const value: unknown = Object.entries(row).find(([name]) => name === key)?.[1];
  return typeof value === "number" ? value : null;
}

/** Accuracy and loss of one set of weights on both held-out splits. */
const scores = () =>
  metricColumns(({ evaluation, place }) => evaluation !== undefined && !isOfSomeData({ place }));

/** Figures of masks or text, where a row has any. */
const columnsOfSomeData = (rows: readonly object[]) =>
  metricColumns(({ place, key }) =>
    isOfSomeData({ place }) && rows.some((row) => figureOf(row, key) !== null)
  );

/** Final results of each run of the arms. */
export const finals = summaryFile(
  "final.csv",
  ({ arms }) =>
    arms.flatMap(({ name: arm, runs }) =>
      runs.map((run) => ({ ...run, ...run.final, ...run.masks, ...run.text, arm }))
    ),
  (rows) => ({
    "arm": ({ arm }) => arm,
    "seed": ({ seed }) => seed,
    "member of seed": ({ seed, member }) => member?.of ?? seed,
    "ended": ({ reason }) => reason,
    "failed": ({ failed }) => failed ? "yes" : "no",
    "detail": ({ detail }) => detail,
    "steps": ({ steps }) => steps,
    ...metricColumns(({ place }) => place === "run"),
    ...metricColumns(({ place }) => place === "final"),
    ...columnsOfSomeData(rows),
    "ms per step": ({ ms_per_step }) => ms_per_step,
  }),
);

/** Final weights, averages and snapshots, of runs that ended with more than their final weights. */
export const models = summaryFile(
  "models.csv",
  ({ arms }) =>
    arms.flatMap(({ name: arm, runs }) =>
      runs.flatMap(({ seed, models = [] }) => models.map((model) => ({ ...model, arm, seed })))
    ),
  () => ({
    "arm": ({ arm }) => arm,
    "seed": ({ seed }) => seed,
    "weights": ({ name }) => name,
    ...scores(),
  }),
);

/** Ensembles by mean probability. */
export const ensembles = summaryFile(
  "ensembles.csv",
  ({ arms }) => arms.flatMap(({ name: arm, ensembles = [] }) => ensembles.map((one) => ({ ...one, arm }))),
  () => ({
    "arm": ({ arm }) => arm,
    "seed": ({ seed }) => seed,
    "kind": ({ kind }) => kind,
    "members": ({ members }) => members,
    "steps": ({ steps }) => steps,
    ...scores(),
    "disagreement (share)": ({ disagreement }) => disagreement,
  }),
);

/** Differences in the unit of the metric: shares, nats, steps. */
export const comparisons = summaryFile("comparisons.csv", (summary) => summary.comparisons, () => ({
  "arm": ({ arm }) => arm,
  "against": ({ against }) => against,
  "metric": ({ metric }) => metric,
  "difference": ({ difference }) => difference,
  "low": ({ interval }) => interval?.[0] ?? null,
  "high": ({ interval }) => interval?.[1] ?? null,
  "low uncorrected": (one) => one.interval_uncorrected?.[0] ?? null,
  "high uncorrected": (one) => one.interval_uncorrected?.[1] ?? null,
  "comparisons in family": ({ family }) => family ?? null,
  "pairs": ({ seeds }) => seeds,
  "pairs left out for a failed run": ({ failed_pairs }) => failed_pairs ?? 0,
  "standard deviation": ({ spread }) => spread ?? null,
  "margin": ({ margin }) => margin ?? null,
  "verdict": ({ verdict }) => verdict,
}));

/** Failures of runs: differences of shares of seeds. */
export const failures = summaryFile("failures.csv", (summary) => summary.failures ?? [], () => ({
  "arm": ({ arm }) => arm,
  "against": ({ against }) => against,
  "failed": ({ failed }) => failed,
  "failed against": ({ against_failed }) => against_failed,
  "pairs": ({ seeds }) => seeds,
  "difference (share)": ({ difference }) => difference,
  "low": ({ interval }) => interval?.[0] ?? null,
  "high": ({ interval }) => interval?.[1] ?? null,
  "verdict": ({ verdict }) => verdict,
}));

/** The verdict on each question, effect and interval in its unit. */
export const answers = summaryFile("answers.csv", (summary) => summary.answers, () => ({
  "question": ({ question }) => question,
  "hypothesis": ({ hypothesis }) => hypothesis,
  "verdict": ({ verdict }) => verdict.kind,
  "decided by": ({ verdict }) => verdict.kind === "inconclusive" ? "" : verdict.decided_by ?? "figures",
  "effect": ({ verdict }) => verdict.effect ?? null,
  "low": ({ verdict }) => verdict.interval?.[0] ?? null,
  "high": ({ verdict }) => verdict.interval?.[1] ?? null,
  "margin": ({ verdict }) => verdict.margin ?? null,
  "unit": ({ unit }) => unit,
}));

/** A column for each path that any of the sweeps is over. */
export function sweeps(experiments: readonly Experiment[]): CsvFile {
  const axesOf = ({ summary }: Experiment) => summary.sweep?.axes ?? [];
  const swept = [...new Set(experiments.flatMap(axesOf).map(({ path }) => path))];
  const rows = experiments.flatMap((experiment) =>
    (experiment.summary.sweep?.cells ?? []).map((cell) => ({
      ...cell,
      folder: experiment.folder,
      arm: experiment.summary.sweep!.arm,
      settings: new Map(axesOf(experiment).map(({ path }, axis) => [path, cell.values[axis]])),
    }))
  );
  return csvFile("sweep.csv", rows, [
    { label: "experiment", value: ({ folder }) => folder },
    { label: "arm", value: ({ arm }) => arm },
    ...swept.map((path) => ({
      label: path,
      value: ({ settings }: typeof rows[number]) => settings.has(path) ? fieldOf(settings.get(path)) : null,
    })),
    { label: "validation accuracy (share)", value: ({ mean }) => mean },
    { label: "standard deviation (share)", value: ({ sd }) => sd },
    { label: "runs", value: ({ runs }) => runs.filter(({ reason }) => reason === "budget").length },
  ]);
}

function fieldOf(value: unknown): CsvField {
  if (typeof value === "number" || typeof value === "string") return value;
  return JSON.stringify(value) ?? "";
}

/** Each rate that was tried. */
export const tuning = summaryFile(
  "tuning.csv",
  (summary) =>
    summary.tuning.flatMap(({ arm, path, trials, chosen }) =>
      trials.map((trial) => ({ ...trial, arm, path, chosen }))
    ),
  () => ({
    "arm": ({ arm }) => arm,
    "path": ({ path }) => path,
    "value": ({ value }) => value,
    "validation accuracy (share)": ({ accuracy }) => accuracy,
    "lower quartile (share)": ({ lower_quartile }) => lower_quartile ?? null,
    "runs": ({ runs }) => runs ?? null,
    "failed runs": ({ failed }) => failed ?? null,
    "diverged runs": ({ diverged }) => diverged,
    "chosen": ({ value, chosen }) => value === chosen ? "yes" : "no",
  }),
);
