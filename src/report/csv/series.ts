import type { Experiment } from "#study/compare_experiments.ts";
import type { RunRecord } from "#results/run.ts";
import type { CsvField } from "../render/csv.ts";
import { type CsvFile, csvFile } from "../table.ts";
import { answers, comparisons, ensembles, failures, finals, models, sweeps, tuning } from "./summary.ts";

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
    lossComponents(experiments),
    evaluations(experiments),
    probes(experiments),
    paths(experiments),
    sharpness(experiments),
    hessians(experiments),
    finals(experiments),
    models(experiments),
    ensembles(experiments),
    comparisons(experiments),
    failures(experiments),
    answers(experiments),
    sweeps(experiments),
    tuning(experiments),
  ];
}

interface RunRow<E> {
  readonly folder: string;
  readonly plan: RunRecord["plan"];
  readonly event: E;
}

interface CsvColumn<R> {
  readonly label: string;
  value(row: R): CsvField;
}

function column<R>(label: string, value: CsvColumn<R>["value"]): CsvColumn<R> {
  return { label, value };
}

const RUN: readonly CsvColumn<RunRow<unknown>>[] = [
  column("experiment", ({ folder }) => folder),
  column("run", ({ plan }) => plan.id),
  column("role", ({ plan }) => plan.role),
  column("arm", ({ plan }) => plan.arm),
  column("seed", ({ plan }) => plan.seed),
];

type Fields<E> = Readonly<Record<string, (event: E) => CsvField>>;

/** A file of one kind of event: its run, then the event's own columns by their heads. */
function eventFile<K extends TrainEvent["kind"]>(name: string, kind: K, fields: Fields<EventOf<K>>) {
  return listFile(name, kind, (event) => [event], fields);
}

/** {@link eventFile} for events that hold lists: a row for each item. */
function listFile<K extends TrainEvent["kind"], I>(
  name: string,
  kind: K,
  itemsOf: (event: EventOf<K>) => readonly I[],
  fields: Fields<I>,
) {
  const columns = [
    ...RUN,
    ...Object.entries(fields).map(([label, of]) => column<RunRow<I>>(label, ({ event }) => of(event))),
  ];
  return (experiments: readonly Experiment[]): CsvFile => {
    const rows = experiments.flatMap(({ folder, records }) =>
      records.flatMap(({ plan, events }) =>
        events.filter((event): event is EventOf<K> => event.kind === kind)
          .flatMap(itemsOf).map((event): RunRow<I> => ({ folder, plan, event }))
      )
    );
    return csvFile(name, rows, columns);
  };
}

const steps = eventFile("steps.csv", "step", {
  "step": ({ step }) => step,
  "learning rate": ({ lr }) => lr,
  "momentum": ({ momentum }) => momentum,
  "training loss (nats)": ({ loss }) => loss,
  "gradient norm": ({ gradient_norm }) => gradient_norm ?? null,
  "rates of groups": ({ groups }) => groups?.map((rate) => rate ?? "frozen").join(" ") ?? null,
});

/** Of weighted sums of losses: the weight that each step applied, and the loss without it. */
const lossComponents = listFile(
  "loss_components.csv",
  "step",
  ({ step, loss_components = [] }) => loss_components.map((component) => ({ ...component, step })),
  {
    "step": ({ step }) => step,
    "component": ({ name }) => name,
    "weight": ({ weight }) => weight,
    "training loss": ({ loss }) => loss,
  },
);

const evaluations = eventFile("evaluations.csv", "eval", {
  "step": ({ step }) => step,
  "epoch": ({ epoch }) => epoch,
  "split": ({ split }) => split,
  "weights": ({ weights }) => weights ?? "training",
  "loss (nats)": ({ loss }) => loss,
  "accuracy (share)": ({ accuracy }) => accuracy,
  "Dice (share)": ({ segmentation }) => segmentation?.dice ?? null,
  "IoU (share)": ({ segmentation }) => segmentation?.iou ?? null,
  "Hausdorff distance at 95 % (pixels)": ({ segmentation }) => segmentation?.hausdorff_95 ?? null,
  "boundary F1 (share)": ({ segmentation }) => segmentation?.boundary_f1 ?? null,
  "perplexity": ({ text }) => text?.perplexity ?? null,
  "bits a character": ({ text }) => text?.bits_per_character ?? null,
});

const probes = eventFile("probes.csv", "probe", {
  "step": ({ step }) => step,
  "gradient norm": (event) => event.gradient_norm,
  "weight norm": (event) => event.weight_norm,
  "update norm": (event) => event.update_norm,
  "second moment": (event) => event.second_moment,
  "step rms": (event) => event.step_rms,
  "saturated (share)": ({ saturated }) => saturated,
});

const paths = listFile(
  "paths.csv",
  "path",
  (event) => event.positions.map((position, i) => ({ ...event, position, loss: event.losses[i] ?? null })),
  {
    "step": ({ step }) => step,
    "from cycle": ({ from }) => from,
    "to cycle": ({ to }) => to,
    "distance": ({ distance }) => distance,
    "distance (share of norm)": (event) => event.relative_distance,
    "position (share)": ({ position }) => position,
    "loss (nats)": ({ loss }) => loss,
  },
);

const sharpness = listFile(
  "sharpness.csv",
  "sharpness",
  (event) => event.rises.map((rise, direction) => ({ ...event, rise, direction })),
  {
    "step": ({ step }) => step,
    "cycle": ({ cycle }) => cycle,
    "radius (share of norm)": ({ radius }) => radius,
    "loss (nats)": ({ loss }) => loss,
    "direction": ({ direction }) => direction,
    "rise (nats)": ({ rise }) => rise,
  },
);

const hessians = eventFile("hessian.csv", "hessian", {
  "step": ({ step }) => step,
  "largest eigenvalue": ({ eigenvalue }) => eigenvalue,
  "residual": ({ residual }) => residual,
  "stability limit": ({ limit }) => limit,
  "preconditioned": ({ preconditioned }) => String(preconditioned),
  "products": ({ products }) => products,
  "images": ({ images }) => images,
});
