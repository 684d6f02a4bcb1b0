import { pairedDifference } from "#stats/paired.ts";
import { finiteOf } from "#stats/summary.ts";
import { unpairedDifference } from "#stats/unpaired.ts";
import { stepsToTarget } from "./final.ts";
import type { RunPlan, RunRecord } from "./record.ts";
import type { ArmSummary, Comparison, RunSummary, Summary } from "./summary.ts";

/** An experiment as it lies on disk. */
export interface Experiment {
  readonly folder: string;
  readonly summary: Summary;
  /** Every run there is; none where they are gone. */
  readonly records: readonly RunRecord[];
  /** `spec.yaml` as plain data; `null` where none can be read. */
  readonly spec: unknown;
}

/** An arm of one of several experiments. */
export interface AcrossArm {
  /** `A: cosine`: letters tell arms of the same name apart. */
  readonly label: string;
  /** Index of its experiment. */
  readonly experiment: number;
  /** Its runs, with steps to the target of the first experiment. */
  readonly arm: ArmSummary;
  readonly records: readonly RunRecord[];
}

/** How two arms of different experiments can be compared, and why no better. */
export interface Pairing {
  readonly kind: "paired" | "unpaired" | "not comparable";
  /** Empty where the runs are paired. */
  readonly why: readonly string[];
}

/** `arm` and `against` are labels. */
export interface AcrossComparison extends Comparison {
  readonly pairing: Pairing;
}

/** The letter of the n-th experiment. */
export function letterOf(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

/**
 * Every arm of every experiment. Steps to the target all ask for the target of the first experiment, and only where
 * the validation images are the same.
 */
export function armsAcross(experiments: readonly Experiment[]): AcrossArm[] {
  const { target, dataset } = experiments[0]!.summary;
  return experiments.flatMap(({ summary, records }, experiment) =>
    summary.arms.map((arm): AcrossArm => {
      const own = records.filter(({ plan }) => plan.role === "arm" && plan.arm === arm.name);
      const shared = summary.dataset.digest === dataset.digest ? target : null;
      return {
        label: `${letterOf(experiment)}: ${arm.name}`,
        experiment,
        arm: { ...arm, runs: arm.runs.map((run) => withTarget(run, own, shared)) },
        records: own,
      };
    })
  );
}

function withTarget(run: RunSummary, records: readonly RunRecord[], target: number | null): RunSummary {
  const record = records.find(({ plan }) => plan.seed === run.seed);
  return {
    ...run,
    steps_to_target: record === undefined || target === null ? null : stepsToTarget(record, target),
  };
}

const METRICS = {
  test_accuracy: ({ final }: RunSummary) => final.test_accuracy,
  validation_accuracy: ({ final }: RunSummary) => final.validation_accuracy,
  training_loss: ({ final }: RunSummary) => final.training_loss,
  steps_to_target: ({ steps_to_target }: RunSummary) => steps_to_target,
};
type Metric = keyof typeof METRICS;

/**
 * Each arm of the later experiments against one of the first: the one of its own name, else the baseline. Intervals of
 * a metric hold together.
 */
export function compareAcross(
  experiments: readonly Experiment[],
  arms: readonly AcrossArm[] = armsAcross(experiments),
): AcrossComparison[] {
  const first = arms.filter(({ experiment }) => experiment === 0);
  const baseline = experiments[0]!.summary.comparisons[0]?.against;
  const usual = first.find(({ arm }) => arm.name === baseline) ?? first[0];
  if (!usual) return [];
  const pairs = arms.filter(({ experiment }) => experiment > 0).map((arm) => {
    const against = first.find((one) => one.arm.name === arm.arm.name) ?? usual;
    const [one, other] = [arm, against].map(({ experiment }) => experiments[experiment]!);
    return { arm, against, pairing: pairingOf(one!, arm, other!, against) };
  });
  const family = Math.max(1, pairs.filter(({ pairing }) => pairing.kind !== "not comparable").length);
  const { dataset } = experiments[0]!.summary;
  return (Object.keys(METRICS) as Metric[]).flatMap((metric) =>
    pairs.map(({ arm, against, pairing }) => ({
      arm: arm.label,
      against: against.label,
      metric,
      pairing,
      ...measured(arm, against, pairing.kind, metric, {
        family,
        resolution: resolutionOf(metric, dataset, against.records[0]?.plan),
      }),
    }))
  );
}

/** The smallest difference that the metric can show. */
function resolutionOf(metric: Metric, { validation, test }: Summary["dataset"], plan?: RunPlan): number {
  switch (metric) {
    case "test_accuracy":
      return 1 / test;
    case "validation_accuracy":
      return 1 / validation;
    case "steps_to_target":
      return plan?.eval_every ?? 0;
    case "training_loss":
      return 0;
  }
}

function measured(
  { arm }: AcrossArm,
  { arm: against }: AcrossArm,
  kind: Pairing["kind"],
  metric: Metric,
  options: { readonly family: number; readonly resolution: number },
): Pick<Comparison, "difference" | "interval" | "seeds" | "verdict"> {
  const valueOf = METRICS[metric];
  switch (kind) {
    case "paired": {
      const bySeed = ({ runs }: ArmSummary) => new Map(runs.map((run) => [run.seed, valueOf(run)]));
      const { difference, interval, seeds, verdict } = pairedDifference(
        bySeed(arm),
        bySeed(against),
        options,
      );
      return { difference, interval, seeds, verdict };
    }
    case "unpaired": {
      const [one, other] = [arm, against].map(({ runs }) => finiteOf(runs.map(valueOf)));
      const seeds = Math.min(one!.length, other!.length);
      return { ...unpairedDifference(one!, other!, options), seeds };
    }
    case "not comparable":
      return { difference: null, interval: null, seeds: 0, verdict: "not enough runs" };
  }
}

/**
 * Runs of one seed are pairs where they start from the same weights and see the same batches: the same images (the
 * digest covers data and split), model, augmentation, batch size and number of updates.
 */
function pairingOf(one: Experiment, arm: AcrossArm, other: Experiment, against: AcrossArm): Pairing {
  const [data, otherData] = [one.summary.dataset, other.summary.dataset];
  if (data.digest !== otherData.digest) {
    const names = data.name === otherData.name ? `both ${data.name}` : `${data.name}, ${otherData.name}`;
    return { kind: "not comparable", why: [`the images or their split differ (${names})`] };
  }
  const why = [
    ...different("model", one.summary.model, other.summary.model),
    ...batchesDiffer(arm.records[0]?.plan, against.records[0]?.plan),
  ];
  const seeds = new Set(against.arm.runs.map(({ seed }) => seed));
  const shared = arm.arm.runs.filter(({ seed }) => seeds.has(seed));
  if (shared.length === 0) why.push("no seed in common");
  return { kind: why.length === 0 ? "paired" : "unpaired", why };
}

function batchesDiffer(plan: RunPlan | undefined, other: RunPlan | undefined): string[] {
  if (plan === undefined || other === undefined) {
    return ["the runs' own files are gone, so nobody can tell whether they saw the same batches"];
  }
  const augmentation = ({ dataset }: RunPlan) => dataset.augment.toSorted().join(" and ") || "none";
  return [
    ...different("augmentation", augmentation(plan), augmentation(other)),
    ...different("images in a batch", plan.batch_size, other.batch_size),
    ...different("batches in an update", plan.accumulate ?? 1, other.accumulate ?? 1),
    ...different("updates", plan.total_steps, other.total_steps),
  ];
}

function different(what: string, one: string | number, other: string | number): string[] {
  return one === other ? [] : [`${what}: ${one}, ${other}`];
}
