import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type Arm, parentOf, parentsFirst, type StartFiles } from "./lineage.ts";
import { PlanError, planRun, type Start } from "./plan_run.ts";
import { epochsAtEnd, type RunPlan } from "./run_plan.ts";
import { runKey } from "./run_key.ts";
import { armStems, memberSeeds, rateSlug } from "./run_id.ts";
import type { Spec } from "./schema.ts";
import { tunedArm, withRate } from "./tuned.ts";

export { PlanError } from "./plan_run.ts";
export { slug } from "./run_id.ts";
export { runKey } from "./run_key.ts";

/** The rate that tuning chose for each arm. */
export type ChosenRates = ReadonlyMap<string, number>;

/** Facts that planning needs beside the spec. */
export interface PlanFacts {
  readonly trainImages: number;
  readonly chosen: ChosenRates;
  /** The checkpoint files that arms start from. */
  readonly files: StartFiles;
}

export const NO_FILES: StartFiles = new Map();

/**
 * Every arm with every rate and tuning seed, so that all arms have the same budget. Empty without `tune`.
 *
 * @param rates those of each arm, or the spec's, where left out.
 */
export function planTuning(
  spec: Spec,
  trainImages: number,
  files: StartFiles = NO_FILES,
  rates?: readonly number[],
): RunPlan[] {
  return spec.tune ? planRates(spec, { trainImages, files }, "tune", spec.tune.seeds, rates) : [];
}

/** Every tuned arm with each of its rates and seeds of the comparison, where `tune.budgets` asks for it. */
export function planBudgets(spec: Spec, trainImages: number, files: StartFiles = NO_FILES): RunPlan[] {
  return planRates(spec, { trainImages, files }, "budget", budgetSeeds(spec));
}

/** The seeds of the comparison that arms are trained with at each rate; none without `tune.budgets`. */
function budgetSeeds({ seeds, tune }: Pick<Spec, "seeds" | "tune">): readonly number[] {
  const budgets = tune?.budgets ?? false;
  if (typeof budgets === "boolean") return budgets ? seeds : [];
  return seeds.slice(0, budgets.seeds);
}

function planRates(
  spec: Spec,
  { trainImages, files }: Pick<PlanFacts, "trainImages" | "files">,
  role: "tune" | "budget",
  seeds: readonly number[],
  rates?: readonly number[],
): RunPlan[] {
  const stems = armStems(spec.arms);
  const facts = { trainImages, chosen: new Map(), files };
  return tunedArms(spec).flatMap((arm) =>
    (rates ?? ratesOf(spec, arm)).flatMap((rate) =>
      seeds.map((seed) =>
        planRun(spec, arm, trainImages, {
          role,
          stem: `${role}-${stems.get(arm.name)}-${rateSlug(rate)}`,
          schedule: withRate(arm.schedule, rate),
          seed,
          start: startOf(spec, arm, { seed }, facts),
        })
      )
    )
  );
}

/** The rates that tuning tries for an arm. */
export function ratesOf({ tune }: Pick<Spec, "tune">, { rates }: Pick<Arm, "rates">): readonly number[] {
  return rates ?? tune?.rates ?? [];
}

/** The arms whose own rate is tuned. */
export function tunedArms(spec: Spec): Spec["arms"] {
  const wanted = new Set(
    spec.arms.map((arm) => tunedArm(arm.schedule, arm.name)).filter((name) => name !== null),
  );
  return spec.arms.filter(({ name }) => wanted.has(name));
}

/**
 * Every arm with every seed and member, rates written out; parents come before their children.
 *
 * @throws {PlanError} for a run without steps, an arm that ends before its parent, a file that is not known.
 */
export function planArms(
  spec: Spec,
  trainImages: number,
  chosen: ChosenRates,
  files: StartFiles = NO_FILES,
): RunPlan[] {
  const facts = { trainImages, chosen, files };
  return parentsFirst(spec.arms).flatMap((arm) =>
    spec.seeds.flatMap((seed) => membersOf(arm, seed).map((member) => armRun(spec, arm, member, facts)))
  );
}

/** The parent runs of plans that are not among these, each once, parents before children. */
export function missingStarts(plans: readonly RunPlan[]): RunPlan[] {
  const known = new Set(plans.map(runKey));
  const missing: RunPlan[] = [];
  const add = ({ start }: RunPlan) => {
    if (start?.kind !== "run" || known.has(runKey(start.plan))) return;
    known.add(runKey(start.plan));
    add(start.plan);
    missing.push(start.plan);
  };
  plans.forEach(add);
  return missing;
}

/** One of the independent runs that an arm has for a seed. */
export interface Member {
  readonly seed: number;
  readonly member?: RunPlan["member"];
}

function membersOf(arm: Arm, seed: number): Member[] {
  if (arm.members === undefined) return [{ seed }];
  return memberSeeds(seed, arm.members).map((own, index) => ({ seed: own, member: { of: seed, index } }));
}

function armRun(spec: Spec, arm: Arm, member: Member, facts: PlanFacts): RunPlan {
  return planRun(spec, arm, facts.trainImages, {
    role: "arm",
    stem: armStems(spec.arms).get(arm.name)!,
    schedule: resolve(arm.schedule, arm.name, facts.chosen),
    ...member,
    start: startOf(spec, arm, member, facts),
  });
}

/** The parent of an arm's run: the same member of the arm that `from` names, or its only run of that seed. */
export function startOf(spec: Spec, arm: Arm, { seed, member }: Member, facts: PlanFacts): Start | null {
  const parent = parentOf(spec.arms, arm);
  switch (parent?.kind) {
    case undefined:
      return null;
    case "arm": {
      const from: Member = parent.arm.members === undefined
        ? { seed: member?.of ?? seed }
        : { seed, ...(member && { member }) };
      const plan = armRun(spec, parent.arm, from, facts);
      return { plan: { kind: "run", plan }, step: plan.total_steps, epochs: epochsAtEnd(plan) };
    }
    case "file": {
      const file = facts.files.get(parent.path);
      if (!file) throw new PlanError(`Arm ${JSON.stringify(arm.name)}: from: ${parent.path} was not read`);
      return {
        plan: { kind: "file", path: parent.path, digest: file.digest },
        step: file.step,
        epochs: null,
      };
    }
    case "unknown":
      throw new PlanError(
        `Arm ${JSON.stringify(arm.name)}: from: there is no arm ${JSON.stringify(parent.name)}`,
      );
  }
}

/** The schedule with the rate that tuning found, where it asks for one. */
export function resolve(schedule: ScheduleSpec, arm: string, chosen: ChosenRates): ScheduleSpec {
  const source = tunedArm(schedule, arm);
  if (source === null) return schedule;
  const rate = chosen.get(source);
  if (rate === undefined) {
    throw new RangeError(`Cannot plan arm ${JSON.stringify(arm)}: no rate was tuned for it`);
  }
  return withRate(schedule, rate);
}
