import { ensemblesOf, type Predictions } from "./models.ts";
import { failed } from "./diagnostics.ts";
import type { BySeed, Happened } from "./looks.ts";
import { seedOf } from "./predictions.ts";
import { finalEval, lineageOf } from "#results/final.ts";
import { type Metric, metricEntry, metricOf, partsOf } from "#results/metrics.ts";
import type { EnsembleSummary } from "#results/models.ts";
import { isFinished, type RunRecord } from "#results/run.ts";
import { mean } from "#stats/summary.ts";
import type { Spec } from "#spec/schema.ts";

/** The runs of an experiment's arms and what is known beside them. */
export interface ArmRuns {
  readonly spec: Spec;
  readonly arms: readonly RunRecord[];
  readonly classes: number;
  /** Validation accuracy that `steps_to_target` asks for. */
  readonly target: number | null;
  readonly predictions?: Predictions | undefined;
}

/** Figures and failures of arms, seed by seed. */
export interface Outcomes {
  records(arm: string): readonly RunRecord[];
  ensembles(arm: string): readonly EnsembleSummary[];
  /** The metric of each seed that has it: for an arm of several members, the mean over these. */
  values(arm: string, metric: Metric): ReadonlyMap<number, number>;
  /**
   * Whether training failed with a seed, for seeds whose runs have ended: a run diverged, or ended hardly better than
   * guessing. A run that never reaches the target counts too where the metric is how soon it does.
   */
  failures(arm: string, metric: Metric): Happened;
}

export function outcomesOf({ spec, arms, classes, target, predictions }: ArmRuns): Outcomes {
  const records = (arm: string) => arms.filter(({ plan }) => plan.arm === arm);
  const bySeed = (arm: string) => [...Map.groupBy(records(arm), ({ plan }) => seedOf(plan))];
  const figure = (record: RunRecord, metric: Metric) => metricOf(lineageOf(record, arms), metric, target);
  const ensembles = remembered((arm: string) => {
    const { members = 1 } = spec.arms.find(({ name }) => name === arm) ?? {};
    return predictions ? ensemblesOf(records(arm), members, predictions) : [];
  });
  return {
    records,
    ensembles,
    values: (arm, metric) => {
      const { weights } = partsOf(metric);
      const { split, figure: kind } = metricEntry(metric)?.evaluation ?? {};
      if ((weights === "ensemble" || weights === "cycles") && split && kind) {
        if (kind === "perplexity" && !records(arm).some((one) => finalEval(one, "validation")?.text)) {
          return new Map();
        }
        const joined = ensembles(arm).filter(({ kind }) => (kind === "cycles") === (weights === "cycles"));
        return new Map(joined.flatMap((one): [number, number][] => {
          // There are no ensembles of masks.
          if (kind !== "accuracy" && kind !== "loss" && kind !== "perplexity") return [];
          const value = one[`${split}_${kind === "accuracy" ? kind : "loss"}`];
          return [[one.seed, kind === "perplexity" ? Math.exp(value) : value]];
        }));
      }
      return new Map(
        bySeed(arm).flatMap(([seed, runs]): [number, number][] => {
          const found = runs.flatMap((record) => figure(record, metric) ?? []);
          return found.length < runs.length ? [] : [[seed, mean(found)]];
        }),
      );
    },
    failures: (arm, metric) => {
      const isMissed = (record: RunRecord) =>
        failed(record, classes) ||
        metric === "steps_to_target" && target !== null && figure(record, metric) === null;
      return new Map(
        bySeed(arm).filter(([, runs]) => runs.every(isFinished)).map(([seed, runs]) => [
          seed,
          runs.some(isMissed),
        ]),
      );
    },
  };
}

/**
 * Values by seed, `null` for seeds with which either arm failed.
 *
 * @param own failures of the arm whose values they are.
 */
export function unfailed(values: BySeed, own: Happened, other: Happened): BySeed {
  const seeds = new Set([...values.keys(), ...own.keys()]);
  return new Map(
    [...seeds].map((seed) => [seed, own.get(seed) || other.get(seed) ? null : values.get(seed) ?? null]),
  );
}

/** Each argument is worked out once. */
export function remembered<T>(of: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, of(key));
    return known.get(key)!;
  };
}
