import type { RunRecord } from "#results/run.ts";
import type { Rule } from "#stats/rate_suggestions.ts";
import type { RangeSetup } from "./plan.ts";
import type { Ramp, RangeTestResult } from "#results/lr_range.ts";
import { type DataFacts, datasetOf } from "../study.ts";
import type { Reading } from "./suggest.ts";
import { validate } from "./validate.ts";

/** The request of the range test. */
export interface RangeTestInput {
  readonly name: string;
  readonly setup: RangeSetup;
  readonly ramp: Ramp;
  /** Weight of the past in the smoothed losses, in [0, 1). */
  readonly smoothing: number;
  /** Steps of each short run that judges a suggestion; 0 for none. */
  readonly checkSteps: number;
  /** The rule whose suggestion is judged, where it has one. */
  readonly rule: Rule;
}

/** The measurements of the range test. */
export interface RangeTestOutput {
  readonly reading: Reading;
  /** Short runs at the candidates; empty where none were made. */
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
  const { runs, suggestions, chosen, candidates } = reading;
  const validation = checked.length === 0
    ? null
    : validate(candidates, checked, { steps: checkSteps, images: data.validation.count });
  return {
    version: 2,
    kind: "range-test",
    name,
    complete,
    dataset: datasetOf(data),
    model: setup.model,
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
