import { suggest } from "#lib/nearest.ts";
import { checkSchedule } from "#schedules/registry.ts";
import { comparedArms, lineageOf, parentOf } from "./lineage.ts";
import { checkLosses } from "./check_losses.ts";
import { checkArmSchedule } from "./check_schedule.ts";
import type { Problem } from "./error.ts";
import { explain } from "./explain.ts";
import type { Path } from "./path.ts";
import { type Spec, specSchema, type Vocabulary } from "./schema.ts";
import { modelText } from "./model_text.ts";
import { settingsOf } from "./plan_run.ts";
import { MEMBER_SEEDS, memberSeeds } from "./run_id.ts";
import { expandStages } from "./stages.ts";
import { ownDatasetKeys } from "./settings_schema.ts";
import { checkSweep } from "./sweep/check.ts";

/** Plain data to a spec with its defaults, or its problems, each with its path. */
export function check(
  raw: unknown,
  vocabulary: Vocabulary,
): { spec: Spec; problems: [] } | { spec: null; problems: Problem[] } {
  const expanded = expandStages(raw);
  if (expanded.problems.length > 0) return { spec: null, problems: [...expanded.problems] };
  const checked = checkFlat(expanded.raw, vocabulary);
  if (checked.spec) return checked;
  const placed = checked.problems.map(({ path, message }) => ({ path: expanded.placeOf(path), message }));
  return { spec: null, problems: placed };
}

/** The same for a spec whose arms have no stages. */
function checkFlat(raw: unknown, vocabulary: Vocabulary): ReturnType<typeof check> {
  const parsed = specSchema.safeParse(raw);
  if (!parsed.success) {
    return {
      spec: null,
      problems: parsed.error.issues.flatMap((issue) => explain(issue)),
    };
  }
  const spec = parsed.data;
  const problems: Problem[] = [];
  const named = (path: Path, name: string, allowed: readonly string[]) => {
    if (!allowed.includes(name)) {
      problems.push({ path, message: `unknown ${JSON.stringify(name)}; ${suggest(name, allowed)}` });
    }
  };
  named(["dataset", "name"], spec.dataset.name, vocabulary.datasets);
  problems.push(...checkDatasetKeys(spec.dataset, vocabulary));
  if (typeof spec.model === "string") named(["model"], spec.model, vocabulary.models);
  spec.arms.forEach(({ model }, index) => {
    if (typeof model === "string") named(["arms", index, "model"], model, vocabulary.models);
  });
  const arms = comparedArms(spec).map(({ name }) => name);
  if (spec.baseline !== null) named(["baseline"], spec.baseline, arms);
  spec.arms.forEach((arm, index) => {
    problems.push(...checkArmSchedule(spec, arm, ["arms", index, "schedule"]));
    problems.push(...checkParent(spec, index));
  });
  if (arms.length === 0) {
    problems.push({ path: ["arms"], message: "expected at least one arm that is compared" });
  }
  problems.push(...checkGroups(spec.optimizer, ["optimizer"]));
  spec.arms.forEach(({ optimizer }, index) => {
    if (optimizer) problems.push(...checkGroups(optimizer, ["arms", index, "optimizer"]));
  });
  problems.push(...checkLosses(spec, vocabulary));
  problems.push(...checkSeeds(spec));
  problems.push(...checkRates(spec));
  problems.push(...checkLooks(spec));
  problems.push(...checkSweep(spec));
  if (problems.length > 0) return { spec: null, problems };
  const { defaults } = vocabulary.datasetKeys?.[spec.dataset.name] ?? {};
  return { spec: defaults ? { ...spec, dataset: { ...defaults, ...spec.dataset } } : spec, problems: [] };
}

/** A data set has its own keys, all that it needs, and none of another's. */
function checkDatasetKeys(dataset: Spec["dataset"], { datasets, datasetKeys = {} }: Vocabulary): Problem[] {
  const { name } = dataset;
  if (!datasets.includes(name)) return [];
  const { required, optional } = datasetKeys[name] ?? { required: [], optional: [] };
  const own = [...required, ...optional];
  const given = Object.keys(ownDatasetKeys).filter((key) => key in dataset);
  const has = own.length === 0 ? "has no keys of its own" : `has ${own.join(", ")}`;
  return [
    ...given.filter((key) => !own.includes(key)).map((key) => ({
      path: ["dataset", key],
      message: `the data set ${name} does not take it; it ${has}`,
    })),
    ...required.filter((key) => !given.includes(key)).map((key) => ({
      path: ["dataset"],
      message: `the data set ${name} needs \`${key}\``,
    })),
  ];
}

/**
 * Rates are tuned with seeds that no comparison uses: what was selected on them would flatter the arm. Members have
 * seeds of their own, which must not meet those of others: the same model would count twice.
 */
function checkSeeds({ seeds, tune, sweep, arms }: Spec): Problem[] {
  const members = Math.max(1, ...arms.map((arm) => arm.members ?? 1));
  const all = seeds.flatMap((seed) => memberSeeds(seed, members));
  const twice = all.find((seed, index) => all.indexOf(seed) !== index);
  if (twice !== undefined) {
    const message =
      `seed ${twice} is that of two models: members of a seed have seeds ${MEMBER_SEEDS} apart; ` +
      `expected seeds below ${MEMBER_SEEDS}`;
    return [{ path: ["seeds"], message }];
  }
  const used = new Set([...all, ...sweep?.seeds ?? []]);
  const both = (tune?.seeds ?? []).filter((seed) => used.has(seed));
  if (both.length === 0) return [];
  const message = `${both.length === 1 ? "seed" : "seeds"} ${both.join(", ")} ${
    both.length === 1 ? "is" : "are"
  } compared too; expected seeds to tune with that no comparison uses`;
  return [{ path: ["tune", "seeds"], message }];
}

/** Arms have rates of their own only where all try as many: an equal budget, which no range that grows would keep. */
function checkRates({ arms, tune }: Spec): Problem[] {
  const own = arms.flatMap(({ rates }, index) => rates ? [{ rates, path: ["arms", index, "rates"] }] : []);
  if (tune === null) {
    return own.map(({ path }) => ({ path, message: "rates to try need a `tune` section, with the seeds" }));
  }
  const uneven = own.filter(({ rates }) => rates.length !== tune.rates.length).map(({ rates, path }) => ({
    path,
    message:
      `${rates.length} rates, and \`tune\` has ${tune.rates.length}: expected as many, an equal budget`,
  }));
  const because = own.length > 0 ? "arms with rates of their own" : tune.budgets ? "`budgets`" : null;
  if (because === null || !tune.extend) return uneven;
  return [...uneven, {
    path: ["tune", "extend"],
    message: `a range that grows does not go with ${because}: every arm tries as many rates, and no more`,
  }];
}

/** The last look takes no more seeds than there are. */
function checkLooks({ seeds, looks }: Spec): Problem[] {
  const { at } = looks ?? { at: [] };
  const last = at.at(-1) ?? 0;
  if (last <= seeds.length) return [];
  const message = `a look at ${last} seeds needs as many, and \`seeds\` has ${seeds.length}`;
  return [{ path: ["looks", "at", at.length - 1], message }];
}

/** Groups have schedules of their own, which must not wait for evaluations: the run's own schedule alone does. */
function checkGroups({ groups = [] }: Spec["optimizer"], path: Path): Problem[] {
  return groups.flatMap(({ schedule }, index) => {
    if (!schedule) return [];
    const at = [...path, "groups", index, "schedule"];
    return checkSchedule(schedule).map((problem) => ({ ...problem, path: [...at, ...problem.path] }));
  });
}

/** Problems of an arm's parent: it is another arm, not of its own lineage, with as many members or one; or a file. */
function checkParent(spec: Spec, index: number): Problem[] {
  const arm = spec.arms[index]!;
  const path = ["arms", index, "from"];
  if (arm.clock !== undefined && parentOf(spec.arms, arm)?.kind !== "arm") {
    const message = "only an arm whose parent is another arm has a horizon policy (append, keep or stretch)";
    return [{ path: ["arms", index, "clock"], message }];
  }
  const parent = parentOf(spec.arms, arm);
  if (parent?.kind === "unknown") {
    const others = spec.arms.map(({ name }) => name).filter((name) => name !== arm.name);
    const hint = others.length > 0 ? suggest(parent.name, others) : "there is no other arm";
    const file = "or a checkpoint file, a path that ends in .safetensors";
    return [{ path, message: `unknown arm ${JSON.stringify(parent.name)}; ${hint}; ${file}` }];
  }
  if (parent?.kind === "arm") {
    if (lineageOf(spec.arms, arm).includes(arm.name)) {
      return [{ path, message: `${JSON.stringify(arm.name)} is its own ancestor` }];
    }
    if (parent.arm.members !== undefined && parent.arm.members !== arm.members) {
      const many = `${JSON.stringify(parent.arm.name)} has ${parent.arm.members} members`;
      return [{ path, message: `${many}, so an arm that starts from it needs as many` }];
    }
    const [own, before] = [arm, parent.arm].map((one) => modelText(settingsOf(spec, one).model));
    if (own !== before) {
      const message = `${
        JSON.stringify(parent.arm.name)
      } is of model ${before}, and this arm of ${own}: weights fit one alone`;
      return [{ path, message }];
    }
  }
  return [];
}
