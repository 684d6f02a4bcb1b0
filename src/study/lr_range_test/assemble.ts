import type { RunRecord } from "#results/run.ts";
import type { Rule } from "#stats/rate_suggestions.ts";
import type { RangeSetup } from "./plan.ts";
import type { Ramp, RangeTestResult } from "#results/lr_range.ts";
import { modelText } from "#spec/model_text.ts";
import { type DataFacts, datasetOf } from "../study.ts";
import type { Reading } from "./suggest.ts";
import { candidatesOf } from "./candidates.ts";
import { validate } from "./validate.ts";

/** The request of the range test. */
export interface RangeTestInput {
  readonly name: string;
  readonly setup: RangeSetup;
  readonly ramp: Ramp;
  /** Weight of the past in the smoothed losses, in [0, 1). */
  readonly smoothing: number;
  /** Steps of each short run; 0 for none. */
  readonly checkSteps: number;
  /** The rule around whose suggestion rates are tried, where it has one. */
  readonly rule: Rule;
}

/** The measurements of the range test. */
export interface RangeTestOutput {
  readonly reading: Reading;
  /** Short runs; empty where none were made. */
  readonly checked: readonly RunRecord[];
  readonly complete: boolean;
  readonly data: DataFacts;
}

/** Everything that a range test saves. */
export function assemble(
  { name, setup, ramp, smoothing, checkSteps, rule }: RangeTestInput,
  { reading, checked, complete, data }: RangeTestOutput,
  { device, provenance }: Pick<RangeTestResult, "device" | "provenance">,
): RangeTestResult {
  const { runs, suggestions, chosen } = reading;
  const validation = chosen === null || checked.length === 0
    ? null
    : validate(candidatesOf(chosen, suggestions, ratesOf(checked)), checked, {
      steps: checkSteps,
      images: data.validation.count,
      classes: data.classes.length,
    });
  return {
    version: 2,
    kind: "range-test",
    name,
    complete,
    dataset: datasetOf(data),
    model: modelText(setup.model),
    optimizer: setup.optimizer,
    ...(setup.loss && { loss: setup.loss }),
    batch_size: setup.batch_size,
    accumulate: setup.accumulate ?? 1,
    device,
    provenance,
    ramp,
    smoothing,
    check_steps: checkSteps,
    rule,
    runs,
    suggestions,
    chosen,
    recommended: validation === null ? chosen?.lr ?? null : validation.recommended,
    validation,
  };
}

/** The rates of short runs, each once, in their order. */
export function ratesOf(checked: readonly RunRecord[]): number[] {
  return [...new Set(checked.map(({ plan }) => plan.schedule["lr"] as number))];
}
