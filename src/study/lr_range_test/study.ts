import { canonicalJson } from "#lib/json.ts";
import { isFinished, type RunRecord } from "#results/run.ts";
import type { RangeTestResult } from "#results/lr_range.ts";
import type { Spec } from "#spec/schema.ts";
import {
  recordsOf,
  type Stage,
  type StageRecords,
  stepsOf,
  type StudyFacts,
  type TrainingStudy,
} from "../study.ts";
import { assemble, type RangeTestInput, ratesOf } from "./assemble.ts";
import { candidatesOf, nextRates } from "./candidates.ts";
import { planChecks, planRamps, rangeSetup } from "./plan.ts";
import { type Reading, readRamps } from "./suggest.ts";
import { validate } from "./validate.ts";

/** The request of a range test besides its spec. */
export type RangeTestRequest = Omit<RangeTestInput, "name" | "setup">;

/** Rates of the first short runs. */
const FIRST_RATES = 3;

/** Ramps of the rate with every seed, then short runs around what they suggest until the best rate has worse neighbours. */
export function lrRangeTest(spec: Spec, request: RangeTestRequest): TrainingStudy<"range test"> {
  const { ramp, checkSteps } = request;
  const input = { ...request, name: spec.name, setup: rangeSetup(spec) };
  const read = readOnce(input);
  return {
    kind: "range test",
    name: spec.name,
    stem: `range test ${spec.name}`,
    spec,
    asked: { kind: "range test", request },
    difference: (earlier) => {
      const before = [earlier.ramp, earlier.smoothing, earlier.check_steps, earlier.rule];
      const now = [ramp, request.smoothing, checkSteps, request.rule];
      return canonicalJson(before) === canonicalJson(now)
        ? null
        : "its rates, steps, smoothing or rule differ";
    },
    plan: (facts) => {
      const ramps = planRamps(input.setup, input, spec.seeds, facts.data.train.count);
      const checks = checkSteps === 0 ? 0 : FIRST_RATES * spec.seeds.length;
      return {
        headline: `${ramps.length} ramps of ${ramp.steps} steps from ${ramp.from} to ${ramp.to}`,
        totals: {
          runs: ramps.length,
          steps: stepsOf(ramps),
          widest: ramps.length,
          atOnce: Math.max(ramps.length, checks),
        },
        samples: ramps.slice(0, 1).map((plan) => ({ plan, place: "" })),
        next: (stages) =>
          Promise.resolve(
            stages.length === 0
              ? { plans: ramps, foreseen: true, isLast: checkSteps === 0, notices: [] }
              : checksAfter(input, facts, stages, read),
          ),
        summarise: (stages, { interrupted, ...conditions }): RangeTestResult => {
          const isWhole = stages.length > 0 &&
            stages.every(({ plans, records }) => records.length === plans.length) &&
            checksAfter(input, facts, stages, read) === null;
          return assemble(input, {
            reading: read(stages[0]?.records ?? [], facts.data.classes.length),
            checked: recordsOf(stages.slice(1)),
            complete: isWhole && !interrupted && recordsOf(stages).every(isFinished),
            data: facts.data,
          }, conditions);
        },
      };
    },
  };
}

/** The next short runs, around what the ramps suggest and what short runs showed; `null` where there are none to come. */
function checksAfter(
  input: RangeTestInput,
  { spec, data }: StudyFacts,
  [ramped, ...checked]: readonly StageRecords[],
  read: ReturnType<typeof readOnce>,
): Stage | null {
  const { checkSteps, setup, ramp } = input;
  const classes = data.classes.length;
  const { chosen, suggestions } = read(ramped!.records, classes);
  if (checkSteps === 0 || chosen === null) return null;
  const records = recordsOf(checked);
  // Runs were left out where the study was stopped: it is to go on with these.
  if (records.length < checked.flatMap(({ plans }) => plans).length) return null;
  const tried = ratesOf(records);
  const found = tried.length === 0 ? null : validate(candidatesOf(chosen, suggestions, tried), records, {
    steps: checkSteps,
    images: data.validation.count,
    classes,
  });
  const rates = nextRates(chosen.lr, tried, {
    best: found?.best ?? null,
    recommended: found?.recommended ?? null,
    divergedAtLowest: found?.candidates[0]?.runs.some(({ diverged }) => diverged) ?? false,
  }, [ramp.from, ramp.to]);
  if (rates.length === 0) return null;
  const plans = planChecks(setup, rates, spec.seeds, checkSteps, data.train.count);
  return {
    plans,
    foreseen: false,
    isLast: false,
    notices: [`Short runs of ${checkSteps} steps at ${rates.join(", ")}: ${plans.length} runs`],
  };
}

/** Ramps are read for every stage and every summary; what they say is worked out once. */
function readOnce(input: RangeTestInput): (records: readonly RunRecord[], classes: number) => Reading {
  const known = new WeakMap<readonly RunRecord[], Reading>();
  return (records, classes) => {
    const reading = known.get(records) ?? readRamps(records, input, classes);
    known.set(records, reading);
    return reading;
  };
}
