import type { RunShape } from "#lib/duration.ts";
import type { BuildContext } from "#schedules/entry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import * as cycles from "./cycle_rules.ts";
import type { Finding, RunFacts } from "#schedules/finding.ts";
import { type AnyRule, nodesOf } from "./nodes.ts";
import * as restarts from "./restart_rules.ts";
import * as rates from "./rate_rules.ts";
import { conditionsOfWhole } from "./robbins_monro.ts";
import * as run from "./run_rules.ts";

/** Rules for any schedule, the most important first. */
const FIRST_RULES: readonly AnyRule[] = [
  cycles.cycleOutlastsRun,
  run.planAndRunDiffer,
  cycles.restartsTooFrequent,
  cycles.fewRestarts,
  cycles.endsInMidCycle,
  rates.rateRange,
];
/** Those that follow the rules that an entry has of its own. */
const LAST_RULES: readonly AnyRule[] = [
  run.warmupTooLong,
  rates.firstRateZero,
  rates.growingRate,
  restarts.adamKeepsItsState,
  restarts.restartsWithoutClipping,
  restarts.snapshotsForgotten,
];

/**
 * The questionable points of a schedule in its run: each finding with a code, why, the source of the rule, and the
 * changed line that resolves it. Warnings come first. Nested schedules are looked at in their stretch of the run.
 *
 * @throws what {@link buildSchedule} throws, for a schedule that cannot be built.
 */
export function lintSchedule(
  spec: ScheduleSpec,
  shape: RunShape,
  facts: RunFacts = {},
  context: BuildContext = {},
): Finding[] {
  const robbinsMonro: AnyRule = (node) => conditionsOfWhole(node, context.registry);
  const findings = nodesOf(spec, shape, facts, context).flatMap((node) => {
    const rules = [...FIRST_RULES, ...node.entry.lint?.rules ?? [], ...LAST_RULES, robbinsMonro];
    return rules.flatMap((rule) => rule(node)).map((found) => ({ ...found, path: node.path }));
  });
  return [
    ...findings.filter(({ severity }) => severity === "warning"),
    ...findings.filter(({ severity }) => severity === "note"),
  ];
}
