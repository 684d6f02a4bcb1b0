import { lookCounts, sweepSeeds } from "#spec/looks.ts";
import { baselineOf, comparedArms, lineageOf } from "#spec/lineage.ts";
import { type ChosenRates, planArms, planBudgets, runKey } from "#spec/plan.ts";
import type { Spec } from "#spec/schema.ts";
import { chooseCells } from "#spec/sweep/choice.ts";
import { specAxes } from "#spec/sweep/axes.ts";
import { planSensitivity } from "#spec/sweep/sensitivity.ts";
import { parseTime } from "#lib/time.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import type { Looks } from "#results/summary.ts";
import { isOpen, type Question } from "../exercise.ts";
import { type Seen, stepsOf, type StudyFacts } from "../study.ts";
import type { Evidence } from "./evidence.ts";
import { seedOf } from "./predictions.ts";

/** Open questions after a look, and the runs that would say more. */
export interface OpenNeeds {
  /** Questions, or arms where none are asked. */
  readonly open: readonly string[];
  readonly arms: ReadonlySet<string>;
  /** Numbers of cells of the sweep. */
  readonly cells: ReadonlySet<number>;
}

/** The questions that further seeds may decide; without questions, the arms whose comparison with the baseline they may. */
export function openNeeds(questions: readonly Question[], evidence: Evidence): OpenNeeds {
  const { spec, sweepCells } = evidence;
  if (questions.length === 0) return openArms(evidence);
  const open = questions.filter(({ answer }) => isOpen(answer(evidence).verdict));
  // Where few seeds were asked for at each rate, more of them would not say more about budgets.
  const isLimited = typeof spec.tune?.budgets === "object";
  const chosen = open.flatMap(({ needs }) => needs.cells ?? [])
    .flatMap((choice) => chooseCells(specAxes(spec), sweepCells, choice));
  return {
    open: open.map(({ question }) => question),
    arms: withParents(spec, open.flatMap(({ needs }) => needs.budgets && isLimited ? [] : needs.arms)),
    cells: new Set(chosen.map(({ number }) => number)),
  };
}

/** Arms are compared by test accuracy, of masks by Dice, of text by perplexity, and by how often they fail. */
function openArms(evidence: Evidence): OpenNeeds {
  const { spec, baseline, score } = evidence;
  const isDecided = (arm: string) => {
    const { verdict } = evidence.compare(arm, baseline, score);
    if (verdict === "higher" || verdict === "lower" || verdict === "no difference that matters") return true;
    const failing = evidence.failing(arm, baseline, score).verdict;
    return failing === "higher" || failing === "lower";
  };
  const open = comparedArms(spec).map(({ name }) => name).filter((arm) =>
    arm !== baseline && !isDecided(arm)
  );
  return {
    open,
    arms: withParents(spec, open.length === 0 ? [] : [baselineOf(spec), ...open]),
    cells: new Set(),
  };
}

/** Arms and those that they start from. */
function withParents({ arms }: Spec, names: readonly string[]): Set<string> {
  return new Set(
    arms.filter(({ name }) => names.includes(name)).flatMap((arm) => [arm.name, ...lineageOf(arms, arm)]),
  );
}

/**
 * The runs of a look: of the arms and cells that need them, with the seeds that this look adds.
 *
 * @param look counts from 0.
 * @param needs `null` for all: the first look.
 */
export function planLook(
  { spec, data, files }: StudyFacts,
  chosen: ChosenRates,
  look: number,
  needs: OpenNeeds | null,
): RunPlan[] {
  const fresh = addedSeeds(spec.seeds, lookCounts(spec), look);
  const swept = sweepSeeds(spec);
  const freshCells = addedSeeds(swept, lookCounts(spec, swept), look);
  const arms = planArms(spec, data.train.count, chosen, files)
    .filter((plan) => fresh.has(seedOf(plan)) && (needs?.arms.has(plan.arm) ?? true));
  const cells = planSensitivity(spec, data.train.count, chosen, files)
    .filter(({ cell }) => needs?.cells.has(cell.number) ?? true)
    .flatMap(({ plans }) => plans.filter(({ seed }) => freshCells.has(seed)));
  const budgets = planBudgets(spec, data.train.count, files)
    .filter(({ arm, seed }) => fresh.has(seed) && (needs?.arms.has(arm) ?? true));
  return [...arms, ...budgets, ...cells];
}

function addedSeeds(seeds: readonly number[], counts: readonly number[], look: number): Set<number> {
  return new Set(look < counts.length ? seeds.slice(counts[look - 1] ?? 0, counts[look]) : []);
}

/**
 * True where a look is not expected to end within the budget: as the time so far is to the steps so far, so is the look's
 * to its own. A look that had begun when the experiment was broken off is not given up.
 *
 * @param records all that were made, the tuning's among them.
 */
export function exceedsBudget(
  { looks }: Spec,
  records: readonly RunRecord[],
  plans: readonly RunPlan[],
  { elapsedS, begun }: Pick<Seen, "elapsedS" | "begun">,
): boolean {
  const budget = parseTime(looks?.budget ?? "");
  if (budget === null || plans.every(({ id }) => begun.has(id))) return false;
  // The same run under two names is made once.
  const made = new Map(records.map(({ plan }) => [runKey(plan), plan]));
  const fresh = new Map(plans.filter((plan) => !made.has(runKey(plan))).map((plan) => [runKey(plan), plan]));
  const share = stepsOf([...fresh.values()]) / Math.max(1, stepsOf([...made.values()]));
  return elapsedS * (1 + share) > budget;
}

/** One look as a summary has it. */
export function lookRecord(
  plans: readonly RunPlan[],
  seeds: number,
  { open }: Pick<OpenNeeds, "open">,
): Looks["taken"][number] {
  const arms = plans.flatMap(({ role, arm }) => role === "arm" ? arm : []);
  return { seeds, arms: [...new Set(arms)], open: [...open] };
}
