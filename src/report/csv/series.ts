import type { Experiment } from "#study/compare_experiments.ts";
import type { RunRecord } from "#results/run.ts";
import { type CsvFile, csvFile, type Fields } from "./file.ts";
import { comparisons, ensembles, finals, models, sweeps, tuning } from "./summary.ts";

type TrainEvent = RunRecord["events"][number];
type EventOf<K extends TrainEvent["kind"]> = Extract<TrainEvent, { kind: K }>;

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
    finals(experiments),
    models(experiments),
    ensembles(experiments),
    comparisons(experiments),
    sweeps(experiments),
    tuning(experiments),
  ];
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
    return csvFile(name, [...RUN, ...columns], rows);
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
