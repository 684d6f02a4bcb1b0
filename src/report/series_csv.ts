import type { Experiment } from "#lab/across.ts";
import type { RunRecord } from "#lab/record.ts";
import { type CsvField, toCsv } from "./csv.ts";

type TrainEvent = RunRecord["events"][number];
type EventOf<K extends TrainEvent["kind"]> = Extract<TrainEvent, { kind: K }>;
type Fields = readonly CsvField[];

/** A file of comma-separated values. */
export interface CsvFile {
  readonly name: string;
  /** Rows below the head. */
  readonly rows: number;
  readonly text: string;
}

/**
 * Everything that experiments measured, a file for each kind of series, each with one head that names the units. A
 * file without rows has its head alone, so that a script finds the same files for every experiment. Numbers keep all
 * digits; shares are 0 … 1.
 */
export function seriesCsv(experiments: readonly Experiment[]): CsvFile[] {
  return [
    steps(experiments),
    evaluations(experiments),
    probes(experiments),
    paths(experiments),
    sharpness(experiments),
    runs(experiments),
    comparisons(experiments),
    sweeps(experiments),
    tuning(experiments),
  ];
}

function file(name: string, head: readonly string[], rows: readonly Fields[]): CsvFile {
  return { name, rows: rows.length, text: toCsv(head, rows, { digits: "all" }) };
}

const RUN = ["experiment", "run", "role", "arm", "seed"];

/** A file of one kind of event: the run that it happened in, then its own columns. */
function eventFile<K extends TrainEvent["kind"]>(
  name: string,
  kind: K,
  columns: readonly string[],
  rowsOf: (event: EventOf<K>) => readonly Fields[],
) {
  return (experiments: readonly Experiment[]): CsvFile => {
    const rows = experiments.flatMap(({ folder, records }) =>
      records.flatMap(({ plan, events }) => {
        const of = [folder, plan.id, plan.role, plan.arm, plan.seed];
        return events.filter((event): event is EventOf<K> => event.kind === kind)
          .flatMap((event) => rowsOf(event).map((fields) => [...of, ...fields]));
      })
    );
    return file(name, [...RUN, ...columns], rows);
  };
}

const steps = eventFile(
  "steps.csv",
  "step",
  ["step", "learning rate", "momentum", "training loss (nats)", "gradient norm", "rates of groups"],
  ({ step, lr, momentum, loss, gradient_norm, groups }) => [[
    step,
    lr,
    momentum,
    loss,
    gradient_norm ?? null,
    groups?.map((rate) => rate ?? "frozen").join(" ") ?? null,
  ]],
);

const evaluations = eventFile(
  "evaluations.csv",
  "eval",
  ["step", "epoch", "split", "weights", "loss (nats)", "accuracy (share)"],
  ({ step, epoch, split, weights, loss, accuracy }) => [[
    step,
    epoch,
    split,
    weights ?? "training",
    loss,
    accuracy,
  ]],
);

const probes = eventFile(
  "probes.csv",
  "probe",
  ["step", "gradient norm", "weight norm", "update norm", "second moment", "step rms", "saturated (share)"],
  (event) => [[
    event.step,
    event.gradient_norm,
    event.weight_norm,
    event.update_norm,
    event.second_moment,
    event.step_rms,
    event.saturated,
  ]],
);

const paths = eventFile(
  "paths.csv",
  "path",
  [
    "step",
    "from cycle",
    "to cycle",
    "distance",
    "distance (share of norm)",
    "position (share)",
    "loss (nats)",
  ],
  ({ step, from, to, distance, relative_distance, positions, losses }) =>
    positions.map((position, i) => [
      step,
      from,
      to,
      distance,
      relative_distance,
      position,
      losses[i] ?? null,
    ]),
);

const sharpness = eventFile(
  "sharpness.csv",
  "sharpness",
  ["step", "cycle", "radius (share of norm)", "loss (nats)", "direction", "rise (nats)"],
  ({ step, cycle, radius, loss, rises }) =>
    rises.map((rise, direction) => [step, cycle, radius, loss, direction, rise]),
);

function runs(experiments: readonly Experiment[]): CsvFile {
  const head = [
    "experiment",
    "arm",
    "seed",
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
  return file(
    "final.csv",
    head,
    experiments.flatMap(({ folder, summary }) =>
      summary.arms.flatMap(({ name, runs }) =>
        runs.map(({ seed, reason, detail, steps, steps_to_target, final, ms_per_step }) => [
          folder,
          name,
          seed,
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

function comparisons(experiments: readonly Experiment[]): CsvFile {
  const head = ["experiment", "arm", "against", "metric", "difference", "low", "high", "pairs", "verdict"];
  return file(
    "comparisons.csv",
    head,
    experiments.flatMap(({ folder, summary }) =>
      summary.comparisons.map(({ arm, against, metric, difference, interval, seeds, verdict }) => [
        folder,
        arm,
        against,
        metric,
        difference,
        interval?.[0] ?? null,
        interval?.[1] ?? null,
        seeds,
        verdict,
      ])
    ),
  );
}

/** A column for each path that any of the sweeps is over. */
function sweeps(experiments: readonly Experiment[]): CsvFile {
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
  return file(
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

function tuning(experiments: readonly Experiment[]): CsvFile {
  const head = [
    "experiment",
    "arm",
    "path",
    "value",
    "validation accuracy (share)",
    "diverged runs",
    "chosen",
  ];
  return file(
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
