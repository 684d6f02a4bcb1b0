import { canonicalJson } from "#lib/json.ts";
import { isFinished } from "#results/run.ts";
import type { RangeTestResult } from "#results/lr_range.ts";
import type { Spec } from "#spec/schema.ts";
import { RULES } from "#stats/rate_suggestions.ts";
import {
  recordsOf,
  type Stage,
  type StageRecords,
  stepsOf,
  type StudyFacts,
  type TrainingStudy,
} from "../study.ts";
import { assemble, type RangeTestInput } from "./assemble.ts";
import { planChecks, planRamps, rangeSetup } from "./plan.ts";
import { readRamps } from "./suggest.ts";

/** The request of a range test besides its spec. */
export type RangeTestRequest = Omit<RangeTestInput, "name" | "setup">;

/** Most candidates that short runs try: each rule's rate, and the two neighbours of the chosen one. */
const MOST_CANDIDATES = RULES.length + 2;

/** Ramps of the rate with every seed, then short runs at the rates that they suggest. */
export function lrRangeTest(spec: Spec, request: RangeTestRequest): TrainingStudy<"range test"> {
  const { ramp, checkSteps } = request;
  const input = { ...request, name: spec.name, setup: rangeSetup(spec) };
  return {
    kind: "range test",
    name: spec.name,
    stem: `range test ${spec.name}`,
    spec,
    difference: (earlier) => {
      const before = [earlier.ramp, earlier.smoothing, earlier.check_steps, earlier.rule];
      const now = [ramp, request.smoothing, checkSteps, request.rule];
      return canonicalJson(before) === canonicalJson(now)
        ? null
        : "its rates, steps, smoothing or rule differ";
    },
    plan: (facts) => {
      const ramps = planRamps(input.setup, input, spec.seeds, facts.data.train.count);
      const checks = checkSteps === 0 ? 0 : MOST_CANDIDATES * spec.seeds.length;
      return {
        headline: `${ramps.length} ramps of ${ramp.steps} steps from ${ramp.from} to ${ramp.to}`,
        totals: {
          runs: ramps.length,
          steps: stepsOf(ramps),
          widest: ramps.length,
          atOnce: Math.max(ramps.length, checks),
        },
        samples: [],
        next: (stages) =>
          stages.length === 0
            ? { plans: ramps, foreseen: true, notices: [] }
            : checksAfter(input, facts, stages),
        summarise: (stages, { interrupted, ...conditions }): RangeTestResult => {
          const [ramped, checked] = stages;
          const isWhole = stages.length > 1 || (ramped && checksAfter(input, facts, stages) === null);
          return assemble(input, {
            reading: readRamps(ramped?.records ?? [], input),
            checked: checked?.records ?? [],
            complete: isWhole === true && !interrupted && recordsOf(stages).every(isFinished),
            data: facts.data,
          }, conditions);
        },
      };
    },
  };
}

/** Short runs at what the ramps suggest, and around it; `null` where there are none to come. */
function checksAfter(
  input: RangeTestInput,
  { spec, data }: StudyFacts,
  stages: readonly StageRecords[],
): Stage | null {
  const { checkSteps, setup } = input;
  const { candidates } = readRamps(stages[0]!.records, input);
  if (stages.length > 1 || checkSteps === 0 || candidates.length === 0) return null;
  const plans = planChecks(setup, candidates, spec.seeds, checkSteps, data.train.count);
  const rates = candidates.map(({ lr }) => lr).join(", ");
  return {
    plans,
    foreseen: false,
    notices: [`Short runs of ${checkSteps} steps at ${rates}: ${plans.length} runs`],
  };
}
