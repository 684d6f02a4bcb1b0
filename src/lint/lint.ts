import type { RunShape } from "#lib/duration.ts";
import type { BuildContext } from "#schedules/entry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import type { Finding, Place, Raised, RunFacts, Suggestion } from "#schedules/finding.ts";
import * as cycles from "./cycle_rules.ts";
import * as drops from "./drop_rules.ts";
import { applySuggestion, type Checked, printSuggestion } from "./suggestion.ts";
import { type AnyRule, nodesOf } from "./nodes.ts";
import * as optimizers from "./optimizer_rules.ts";
import * as rates from "./rate_rules.ts";
import * as restarts from "./restart_rules.ts";
import { conditionsOfWhole } from "./robbins_monro.ts";
import * as run from "./run_rules.ts";
import * as updates from "./update_rules.ts";
import * as warmups from "./warmup_rules.ts";

/** Rules for any schedule, the most important first. */
const FIRST_RULES: readonly AnyRule[] = [
  cycles.cycleOutlastsRun,
  run.planAndRunDiffer,
  run.cutShort,
  drops.dropAfterEnd,
  drops.dropsAtOnce,
  drops.rateCollapses,
  run.decayNotReached,
  cycles.restartsTooFrequent,
  cycles.fewRestarts,
  cycles.endsInMidCycle,
  rates.rateRange,
  optimizers.rateForOptimizer,
];
/** Those that follow the rules that an entry has of its own. */
const LAST_RULES: readonly AnyRule[] = [
  warmups.warmupTooLong,
  warmups.warmupInSteps,
  updates.coarseUpdates,
  rates.firstRateZero,
  rates.growingRate,
  optimizers.momentumOfAdam,
  optimizers.decayUnderAveraging,
  restarts.adamKeepsItsState,
  restarts.restartsWithoutClipping,
  restarts.snapshotsForgotten,
];

/** A finding before its suggestions were tried. */
type Found = Raised & { readonly path: Place };

/**
 * The questionable points of a schedule in its run: each finding with a code, why, the source of the rule, and a change
 * that resolves it. Warnings come first. Nested schedules are looked at in their stretch of the run.
 *
 * Every change was tried: with it the schedule builds, the finding is gone and no other has come. A finding for which no
 * change of its rule does so has none.
 *
 * @throws what {@link buildSchedule} throws, for a schedule that cannot be built.
 */
export function lintSchedule(
  spec: ScheduleSpec,
  shape: RunShape,
  facts: RunFacts = {},
  context: BuildContext = {},
): Finding[] {
  const checked: Checked = { spec, shape, facts };
  const found = findingsOf(checked, context);
  const findings = found.map(({ suggestions, isFact: _, ...finding }): Finding => {
    const change = suggestions.find((one) => resolves(one, finding, checked, found, context)) ?? null;
    return { ...finding, change, suggestion: change === null ? null : printSuggestion(change) };
  });
  return [
    ...findings.filter(({ severity }) => severity === "warning"),
    ...findings.filter(({ severity }) => severity === "note"),
  ];
}

function findingsOf({ spec, shape, facts }: Checked, context: BuildContext): Found[] {
  const robbinsMonro: AnyRule = (node) => conditionsOfWhole(node, context.registry);
  return nodesOf(spec, shape, facts, context).flatMap((node) => {
    const rules = [...FIRST_RULES, ...node.entry.lint?.rules ?? [], ...LAST_RULES, robbinsMonro];
    return rules.flatMap((rule) => rule(node)).map((raised) => ({ ...raised, path: node.path }));
  });
}

/** True where a suggestion leaves fewer findings of this kind and no more of any other. Facts do not count. */
function resolves(
  suggestion: Suggestion,
  { code, path }: Pick<Found, "code" | "path">,
  checked: Checked,
  before: readonly Found[],
  context: BuildContext,
): boolean {
  let after: readonly Found[];
  try {
    after = findingsOf(applySuggestion(checked, suggestion, path), context);
  } catch (error) {
    // The changed schedule cannot be built.
    if (error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError) {
      return false;
    }
    throw error;
  }
  const count = (found: readonly Found[], wanted: string) =>
    found.filter(({ code, isFact }) => code === wanted && isFact === undefined).length;
  return count(after, code) < count(before, code) &&
    after.every((found) => count(after, found.code) <= count(before, found.code));
}
