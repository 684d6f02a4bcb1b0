import type { Experiment } from "#study/compare_experiments.ts";
import { type CsvFile, csvFile, type Fields } from "./file.ts";

/** How each run of the arms ended. */
export function finals(experiments: readonly Experiment[]): CsvFile {
  const head = [
    "experiment",
    "arm",
    "seed",
    "stands for seed",
    "ended",
    "detail",
    "steps",
    "steps to target",
    "test accuracy (share)",
    "validation accuracy (share)",
    "test loss (nats)",
    "validation loss (nats)",
    "training loss (nats)",
    "ms per step",
  ];
  return csvFile(
    "final.csv",
    head,
    experiments.flatMap(({ folder, summary }) =>
      summary.arms.flatMap(({ name, runs }) =>
        runs.map(({ seed, member, reason, detail, steps, steps_to_target, final, ms_per_step }) => [
          folder,
          name,
          seed,
          member?.of ?? seed,
          reason,
          detail,
          steps,
          steps_to_target,
          final.test_accuracy,
          final.validation_accuracy,
          final.test_loss,
          final.validation_loss,
          final.training_loss,
          ms_per_step,
        ])
      )
    ),
  );
}

const SCORES = [
  "test accuracy (share)",
  "validation accuracy (share)",
  "test loss (nats)",
  "validation loss (nats)",
];
type Score = Readonly<
  Record<"test_accuracy" | "validation_accuracy" | "test_loss" | "validation_loss", number | null>
>;
const scores = (one: Score): Fields => [
  one.test_accuracy,
  one.validation_accuracy,
  one.test_loss,
  one.validation_loss,
];

/** Final weights, averages and snapshots, of runs that ended with more than their final weights. */
export function models(experiments: readonly Experiment[]): CsvFile {
  return csvFile(
    "models.csv",
    ["experiment", "arm", "seed", "weights", ...SCORES],
    experiments.flatMap(({ folder, summary }) =>
      summary.arms.flatMap((arm) =>
        arm.runs.flatMap(({ seed, models = [] }) =>
          models.map((model) => [folder, arm.name, seed, model.name, ...scores(model)])
        )
      )
    ),
  );
}

/** Ensembles by mean probability. */
export function ensembles(experiments: readonly Experiment[]): CsvFile {
  return csvFile(
    "ensembles.csv",
    ["experiment", "arm", "seed", "kind", "members", "steps", ...SCORES, "disagreement (share)"],
    experiments.flatMap(({ folder, summary }) =>
      summary.arms.flatMap(({ name, ensembles = [] }) =>
        ensembles.map((one) => [
          folder,
          name,
          one.seed,
          one.kind,
          one.members,
          one.steps,
          ...scores(one),
          one.disagreement,
        ])
      )
    ),
  );
}

/** Differences in the unit of the metric: shares, nats, steps. */
export function comparisons(experiments: readonly Experiment[]): CsvFile {
  const head = [
    "experiment",
    "arm",
    "against",
    "metric",
    "difference",
    "low",
    "high",
    "low alone",
    "high alone",
  ];
  return csvFile(
    "comparisons.csv",
    [...head, "comparisons told together", "pairs", "standard deviation", "verdict"],
    experiments.flatMap(({ folder, summary }) =>
      summary.comparisons.map((one) => [
        folder,
        one.arm,
        one.against,
        one.metric,
        one.difference,
        ...(one.interval ?? [null, null]),
        ...(one.interval_uncorrected ?? [null, null]),
        one.family ?? null,
        one.seeds,
        one.spread ?? null,
        one.verdict,
      ])
    ),
  );
}

/** A column for each path that any of the sweeps is over. */
export function sweeps(experiments: readonly Experiment[]): CsvFile {
  const axesOf = ({ summary }: Experiment) => summary.sweep?.axes ?? [];
  const swept = [...new Set(experiments.flatMap(axesOf).map(({ path }) => path))];
  const valueOf = (value: unknown) => typeof value === "number" ? value : asText(value);
  const head = [
    "experiment",
    "arm",
    ...swept,
    "validation accuracy (share)",
    "standard deviation (share)",
    "runs",
  ];
  return csvFile(
    "sweep.csv",
    head,
    experiments.flatMap((experiment) =>
      (experiment.summary.sweep?.cells ?? []).map(({ at, mean, spread, runs }) => {
        const settings = new Map(
          axesOf(experiment).map(({ path, values }, axis) => [path, valueOf(values[at[axis]!])]),
        );
        const of = [experiment.folder, experiment.summary.sweep!.arm];
        return [...of, ...swept.map((path) => settings.get(path) ?? null), mean, spread, runs];
      })
    ),
  );
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

/** Each rate that was tried. */
export function tuning(experiments: readonly Experiment[]): CsvFile {
  const head = [
    "experiment",
    "arm",
    "path",
    "value",
    "validation accuracy (share)",
    "diverged runs",
    "chosen",
  ];
  return csvFile(
    "tuning.csv",
    head,
    experiments.flatMap(({ folder, summary }) =>
      summary.tuning.flatMap(({ arm, path, trials, chosen }) =>
        trials.map(({ value, accuracy, diverged }) => [
          folder,
          arm,
          path,
          value,
          accuracy,
          diverged,
          value === chosen ? "yes" : "no",
        ])
      )
    ),
  );
}
