import { counted } from "#lib/numbers.ts";
import { suggest } from "#lib/nearest.ts";
import { permutation, random } from "#lib/prng.ts";
import { missingStarts, planArms, PlanError } from "#spec/plan.ts";
import { type RunPlan, scheduleHorizon } from "#spec/run_plan.ts";
import type { Spec } from "#spec/schema.ts";
import { recordsOf, stepsOf, type StudyFacts, type TrainingStudy } from "./study.ts";

/** The run of a spec that shows whether resumption is exact. */
export interface RunToVerify {
  readonly plan: RunPlan;
  /** The runs that it starts from. */
  readonly starts: readonly RunPlan[];
  /** Runs of all arms, which share the cores in the experiment. */
  readonly widest: number;
}

/**
 * @param run id of the run; `null` for the first arm's first.
 * @param steps most steps of it; `null` for all.
 * @throws {PlanError} for a run that the spec does not have, or one that is too short to be broken off.
 */
export function runToVerify(
  { spec, data, files }: StudyFacts,
  { run, steps }: { readonly run: string | null; readonly steps: number | null },
): RunToVerify {
  // Any rate shows whether resumption is exact.
  const rates = new Map(spec.arms.map(({ name }) => [name, spec.tune?.rates[0] ?? 0]));
  const plans = planArms(spec, data.train.count, rates, files);
  const chosen = run === null ? plans[0]! : plans.find(({ id }) => id === run);
  if (!chosen) {
    throw new PlanError(
      `There is no run ${JSON.stringify(run)}; ${suggest(run!, plans.map(({ id }) => id))}`,
    );
  }
  const plan = shortened(chosen, steps);
  if (stepsOf([plan]) < 2) {
    throw new PlanError(`Cannot verify ${plan.id}: a run of one step cannot be broken off within it`);
  }
  return { plan, starts: missingStarts([plan]), widest: plans.length };
}

/** The beginning of a run: its schedule is still that of the whole run. */
function shortened(plan: RunPlan, steps: number | null): RunPlan {
  const { origin, shape } = scheduleHorizon(plan);
  const first = plan.first_step ?? 0;
  return {
    ...plan,
    clock: { origin, total_steps: shape.totalSteps },
    total_steps: Math.min(plan.total_steps, first + (steps ?? Infinity)),
    keep_end: true,
  };
}

/** Distinct steps strictly between a run's first and its last, in order; the same for the same run. */
export function breaksOf(plan: RunPlan, count: number): number[] {
  const shuffled = permutation(stepsOf([plan]) - 1, random(plan.seed, "verify"));
  return [...shuffled.slice(0, count)]
    .map((index) => (plan.first_step ?? 0) + 1 + index)
    .sort((a, b) => a - b);
}

/** One run by itself, and before it those that it starts from. */
export function verification(
  spec: Spec,
  { plan, starts, widest }: RunToVerify,
): TrainingStudy<"verification"> {
  const plans = [...starts, plan];
  return {
    kind: "verification",
    name: plan.id,
    stem: plan.id,
    spec,
    asked: null,
    plan: () => ({
      headline: counted(plans.length, "run"),
      totals: { runs: plans.length, steps: stepsOf(plans), widest, atOnce: 1 },
      samples: [],
      next: (stages) =>
        Promise.resolve(
          stages.length > 0 ? null : { plans: [plan], foreseen: true, isLast: true, notices: [] },
        ),
      summarise: (stages, { device }) => ({ device, record: recordsOf(stages)[0] ?? null }),
    }),
  };
}
