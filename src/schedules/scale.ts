import { combine } from "./compose.ts";
import { VANISHES } from "./conditions.ts";
import { entry } from "./entry.ts";
import type { Given } from "./param_types.ts";
import { number, schedule } from "./params.ts";
import { real } from "./frameworks/python.ts";
import type { BuiltSchedule } from "./schedule.ts";
import { check } from "./values.ts";

const PARAMS = {
  of: schedule("the schedule to scale"),
  by: number("factor of every rate", "factor", { min: 0 }),
};

/**
 * η(t) = by·of(t). Momentum and cycles stay those of the scaled schedule.
 *
 * First and last value `by` times those of the scaled schedule; a product too large saturates at the largest double.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { scale } from "#schedules/scale.ts";
 * import { buildSchedule } from "#schedules/registry.ts";
 *
 * const half = buildSchedule({ name: "constant", lr: 0.5 }, { totalSteps: 100, stepsPerEpoch: 10 });
 * assert.equal(scale({ of: half, by: 4 }).lr(0), 2);
 * ```
 *
 * @throws {RangeError} unless `by` >= 0 and finite.
 */
export function scale(given: Given<typeof PARAMS>): BuiltSchedule {
  const { of, by } = check("scale", PARAMS, given);
  const scaled = combine([of], {
    rates: ([rate]) => (t) => Math.min(by * rate!(t), Number.MAX_VALUE),
    cycles: ([cycles]) => cycles!,
    local: (_, step) => step,
  });
  return { ...scaled, momentum: of.momentum };
}

export default entry({
  name: "scale",
  summary: "Another schedule times a factor.",
  params: PARAMS,
  formula: "by·of(t)",
  first: "by times that of the scaled schedule",
  last: "by times that of the scaled schedule",
  source: "Goyal et al., 2017, arXiv:1706.02677 (linear scaling with the batch size)",
  label: "{by} × ({of})",
  sample: { name: "scale", by: 4, of: { name: "cosine", lr: 0.1, T_max: "100%" } },
  build: (values) => scale(values),
  conditions: ({ by, of }, conditionsOf) => by === 0 ? VANISHES : conditionsOf(of),
  exports: {
    body: ({ by, of }, writer) => [`return ${real(by)} * ${writer.schedule(of)}(t)`],
    optax: ({ by, of }, writer) => `lambda t: ${real(by)} * ${writer.schedule(of)}(t)`,
  },
});
