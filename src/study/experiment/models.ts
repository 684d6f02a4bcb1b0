import { disagreement, ensembleProbabilities, memberWeights, score, softmax } from "#stats/ensemble.ts";
import { gainByMembers } from "#stats/ensemble_gain.ts";
import { runKey } from "#spec/plan.ts";
import { mean } from "#stats/summary.ts";
import { finalEval, finalEvals } from "#results/final.ts";
import {
  cycleNames,
  memberNames,
  type ModelPredictions,
  type RunPredictions,
  seedOf,
} from "./predictions.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { endOf } from "#results/run.ts";
import type { EnsembleSummary, ModelSummary } from "#results/models.ts";

/** Logits of the runs' models on the held-out images, and the labels of these. */
export interface Predictions {
  /** `null` where the run saved none. */
  of(plan: RunPlan): RunPredictions | null;
  readonly labels: { readonly validation: ArrayLike<number>; readonly test: ArrayLike<number> };
}

/** The final weights of a run and the others that it ended with, in the order in which they were evaluated. */
export function modelsOf(record: RunRecord): ModelSummary[] {
  const of = (name: string, at: (split: "validation" | "test") => ReturnType<typeof finalEval>) => {
    const [validation, test] = [at("validation"), at("test")];
    return {
      name,
      validation_accuracy: validation?.accuracy ?? null,
      validation_loss: validation?.loss ?? null,
      test_accuracy: test?.accuracy ?? null,
      test_loss: test?.loss ?? null,
    };
  };
  const others = finalEvals(record);
  const names = [...new Set(others.map(({ weights }) => weights!))];
  return [
    of("final", (split) => finalEval(record, split)),
    ...names.map((name) =>
      of(name, (split) => others.find((one) => one.weights === name && one.split === split) ?? null)
    ),
  ];
}

/** Several models of one arm and seed that are judged as one. */
interface Group {
  readonly seed: number;
  readonly kind: EnsembleSummary["kind"];
  readonly models: readonly ModelPredictions[];
  readonly steps: number;
}

/**
 * The ensembles of an arm, by seed: of its members, of each run's snapshots, and of the averages of its cycles. A seed
 * with a run that is missing, or that did not come to its end, has none.
 *
 * @param members models that the arm trains for each seed.
 */
export function ensemblesOf(
  records: readonly RunRecord[],
  members: number,
  { of, labels }: Predictions,
): EnsembleSummary[] {
  const bySeed = Map.groupBy(records, ({ plan }) => seedOf(plan));
  return [...bySeed].flatMap(([seed, runs]) => {
    const kept = runs.toSorted((a, b) => (a.plan.member?.index ?? 0) - (b.plan.member?.index ?? 0)).map(
      ({ plan }) => ({ plan, predictions: of(plan) ?? new Map() as RunPredictions }),
    );
    if (runs.length !== members || runs.some((run) => endOf(run)?.reason !== "budget")) return [];
    const steps = stepsOf(runs.map(({ plan }) => plan));
    const pick = (names: (plan: RunPlan, predictions: RunPredictions) => string[]) =>
      kept.flatMap(({ plan, predictions }) => names(plan, predictions).map((name) => predictions.get(name)!));
    const groups: Group[] = [
      {
        seed,
        kind: members > 1 ? "members" : "snapshots",
        models: pick((_, all) => memberNames(all)),
        steps,
      },
      { seed, kind: "cycles", models: pick(cycleNames), steps },
    ];
    return groups.filter(({ models }) => models.length > 0).map((group) => ensembleOf(group, labels));
  });
}

/** Steps of runs and of their parent runs, each run once. */
function stepsOf(plans: readonly RunPlan[]): number {
  const own = new Map<string, number>();
  const add = (plan: RunPlan) => {
    own.set(runKey(plan), plan.total_steps - (plan.first_step ?? 0));
    if (plan.start?.kind === "run") add(plan.start.plan);
  };
  plans.forEach(add);
  return [...own.values()].reduce((sum, steps) => sum + steps, 0);
}

function ensembleOf({ seed, kind, models, steps }: Group, labels: Predictions["labels"]): EnsembleSummary {
  const [validation, test] = [models.map((one) => one.validation), models.map((one) => one.test)];
  const joined = (rule: "probability" | "logits", weights?: readonly number[]) => {
    const [held, tested] = [
      score(ensembleProbabilities(validation, rule, weights), labels.validation),
      score(ensembleProbabilities(test, rule, weights), labels.test),
    ];
    return {
      validation_accuracy: held.accuracy,
      validation_loss: held.loss,
      test_accuracy: tested.accuracy,
      test_loss: tested.loss,
    };
  };
  const alone = {
    validation: validation.map((one) => score(softmax(one), labels.validation).accuracy),
    test: test.map((one) => score(softmax(one), labels.test).accuracy),
  };
  const best = alone.validation.lastIndexOf(Math.max(...alone.validation));
  return {
    seed,
    kind,
    members: models.length,
    steps,
    ...joined("probability"),
    mean_logits: joined("logits"),
    weighted: joined("probability", memberWeights(validation, labels.validation, "likelihood")),
    single: { validation_accuracy: mean(alone.validation), test_accuracy: mean(alone.test) },
    chosen: { validation_accuracy: alone.validation[best]!, test_accuracy: alone.test[best]! },
    test_accuracy_by_members: gainByMembers(test, labels.test).map(({ accuracy }) => accuracy),
    disagreement: disagreement(test),
  };
}
