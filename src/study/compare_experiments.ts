import { pairedDifference, verdictWord } from "#stats/paired.ts";
import { finiteOf, mean } from "#stats/summary.ts";
import { unpairedDifference } from "#stats/unpaired.ts";
import { lineageOf, stepsToTarget } from "#results/final.ts";
import type { MetricEntry } from "#results/metric_entry.ts";
import { isOfSomeData } from "#results/metric_entry.ts";
import { figuresOf, marginOf, type MetricKey, METRICS } from "#results/metrics.ts";
import { type Pairing, pairingOf } from "./experiment/pairing.ts";
import type { RunRecord } from "#results/run.ts";
import type { ArmSummary, Comparison, RunSummary, Summary } from "#results/summary.ts";

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
export interface ExperimentArm {
  /** `A: cosine`: letters distinguish arms of the same name. */
  readonly label: string;
  /** Index of its experiment. */
  readonly experiment: number;
  /** Its runs, with steps to the target of the first experiment. */
  readonly arm: ArmSummary;
  readonly records: readonly RunRecord[];
}

/** `arm` and `against` are labels. */
export interface ExperimentComparison extends Comparison {
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
export function experimentArms(experiments: readonly Experiment[]): ExperimentArm[] {
  const { target, dataset } = experiments[0]!.summary;
  return experiments.flatMap(({ summary, records }, experiment) =>
    summary.arms.map((arm): ExperimentArm => {
      const own = records.filter(({ plan }) => plan.role === "arm" && plan.arm === arm.name);
      const shared = summary.dataset.digest === dataset.digest ? target : null;
      return {
        label: `${letterOf(experiment)}: ${arm.name}`,
        experiment,
        arm: { ...arm, runs: arm.runs.map((run) => withTarget(run, own, records, shared)) },
        records: own,
      };
    })
  );
}

function withTarget(
  run: RunSummary,
  own: readonly RunRecord[],
  records: readonly RunRecord[],
  target: number | null,
): RunSummary {
  const record = own.find(({ plan }) => plan.seed === run.seed);
  return {
    ...run,
    steps_to_target: record === undefined || target === null
      ? null
      : stepsToTarget(lineageOf(record, records), target),
  };
}

/**
 * Each arm of the later experiments against one of the first: the one of its own name, else the baseline. Intervals of
 * a metric hold together.
 */
export function compareExperiments(
  experiments: readonly Experiment[],
  arms: readonly ExperimentArm[] = experimentArms(experiments),
): ExperimentComparison[] {
  const first = arms.filter(({ experiment }) => experiment === 0);
  const baseline = experiments[0]!.summary.comparisons[0]?.against;
  const usual = first.find(({ arm }) => arm.name === baseline) ?? first[0];
  if (!usual) return [];
  const pairs = arms.filter(({ experiment }) => experiment > 0).map((arm) => {
    const against = first.find((one) => one.arm.name === arm.arm.name) ?? usual;
    const [facts, others] = [arm, against].map((of) => ({
      summary: experiments[of.experiment]!.summary,
      plan: of.records[0]?.plan,
      seeds: new Set(bySeed(of.arm, "test_accuracy").keys()),
    }));
    return { arm, against, pairing: pairingOf(facts!, others!) };
  });
  const family = Math.max(1, pairs.filter(({ pairing }) => pairing.kind !== "not comparable").length);
  const { dataset } = experiments[0]!.summary;
  const isThere = (key: MetricKey) =>
    arms.some(({ arm }) => [...bySeed(arm, key).values()].some((value) => value !== null));
  const shown = METRICS.filter(({ compared, place, key }) =>
    compared && (!isOfSomeData({ place }) || isThere(key))
  );
  return shown.flatMap((entry) =>
    pairs.map(({ arm, against, pairing }) => ({
      arm: arm.label,
      against: against.label,
      metric: entry.key,
      pairing,
      ...judged(
        arm,
        against,
        marginOf(entry.key, {}, against.records[0]?.plan.total_steps ?? 0),
        measured(arm, against, pairing.kind, entry, {
          family,
          resolution: entry.resolution({
            images: dataset,
            evalEvery: against.records[0]?.plan.eval_every ?? 0,
          }),
          largest: entry.largest,
        }),
      ),
    }))
  );
}

type Figures = Omit<Comparison, "arm" | "against" | "metric">;

/** With the seeds that failed counted, and the verdict by the margin, which none has where one arm failed more often. */
function judged(
  { arm }: ExperimentArm,
  { arm: against }: ExperimentArm,
  margin: number | undefined,
  figures: Figures,
): Figures {
  const [own, other] = [arm, against].map(({ runs }) =>
    new Set(runs.filter(({ failed }) => failed).map(({ seed, member }) => member?.of ?? seed))
  );
  const failed_pairs = own!.union(other!).size;
  const { interval, verdict } = figures;
  return {
    ...figures,
    ...(margin !== undefined && { margin }),
    ...(failed_pairs > 0 && { failed_pairs }),
    verdict: interval === null ? verdict : verdictWord(interval, own!.size === other!.size ? margin : 0),
  };
}

function measured(
  { arm }: ExperimentArm,
  { arm: against }: ExperimentArm,
  kind: Pairing["kind"],
  { key }: MetricEntry,
  options: { readonly family: number; readonly resolution: number; readonly largest: number },
): Figures {
  const { family } = options;
  const [one, other] = [bySeed(arm, key), bySeed(against, key)];
  switch (kind) {
    case "paired": {
      const { difference, interval, uncorrected, seeds, spread, verdict } = pairedDifference(
        one,
        other,
        options,
      );
      return { difference, interval, interval_uncorrected: uncorrected, family, seeds, spread, verdict };
    }
    case "unpaired": {
      const [values, others] = [finiteOf(one.values()), finiteOf(other.values())];
      const seeds = Math.min(values.length, others.length);
      const { difference, interval, verdict } = unpairedDifference(values, others, options);
      return { difference, interval, verdict, family, seeds };
    }
    case "not comparable":
      return { difference: null, interval: null, seeds: 0, verdict: "not enough runs" };
  }
}

/**
 * The metric of each seed, `null` for one that failed; several independent models of a seed stand for it by their mean,
 * where all have one.
 */
function bySeed({ runs }: ArmSummary, metric: string): Map<number, number | null> {
  const grouped = Map.groupBy(runs, (run) => run.member?.of ?? run.seed);
  return new Map(
    [...grouped].map(([seed, members]) => {
      const values = finiteOf(members.map((run) => run.failed ? null : figuresOf(run)[metric] ?? null));
      return [seed, values.length < members.length ? null : mean(values)];
    }),
  );
}
