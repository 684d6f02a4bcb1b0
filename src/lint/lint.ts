import type { RunShape } from "#lib/duration.ts";
import type { BuildContext } from "#schedules/entry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import * as cycles from "./cycle_rules.ts";
import type { Finding, Rule, RunFacts } from "./finding.ts";
import { nodesOf } from "./nodes.ts";
import * as rates from "./rate_rules.ts";
import { robbinsMonro } from "./robbins_monro.ts";
import * as run from "./run_rules.ts";

/** All rules, the most telling first. */
const RULES: readonly Rule[] = [
  cycles.cycleOutlastsRun,
  run.planAndRunDiffer,
  cycles.restartsTooFrequent,
  cycles.fewRestarts,
  cycles.endsInMidCycle,
  rates.rateRange,
  rates.jumpAtJoin,
  run.warmupTooLong,
  rates.firstRateZero,
  rates.growingRate,
  rates.metricAgainstMode,
  cycles.adamKeepsItsState,
  cycles.restartsWithoutClipping,
  cycles.snapshotsForgotten,
  robbinsMonro,
];

/**
 * What is questionable about a schedule in its run: each finding with a code, why, the source of the rule, and the
 * changed line that would mend it. Warnings come first. Nested schedules are looked at in their stretch of the run.
 *
 * @throws what {@link buildSchedule} throws, for a schedule that cannot be built.
 */
export function lintSchedule(
  spec: ScheduleSpec,
  shape: RunShape,
  facts: RunFacts = {},
  context: BuildContext = {},
): Finding[] {
  const findings = nodesOf(spec, shape, context).flatMap((node) =>
    RULES.flatMap((rule) => rule(node, shape, facts).map((found) => ({ ...found, path: node.path })))
  );
  return [
    ...findings.filter(({ severity }) => severity === "warning"),
    ...findings.filter(({ severity }) => severity === "note"),
  ];
}
