/**
 * Learning-rate schedules as plain functions of the step, and as data.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { buildSchedule, checkSchedule, parseSchedule, printSchedule } from "lr-lab/schedules";
 *
 * const spec = parseSchedule("{ name: warmup, duration: 10%, then: { name: cosine, lr: 0.1, T_max: 90% } }");
 * const { lr } = buildSchedule(spec, { totalSteps: 1000, stepsPerEpoch: 100 });
 * assert.deepEqual([lr(0), lr(50), lr(100), lr(1000)], [0, 0.05, 0.1, 0]);
 * assert.deepEqual(parseSchedule(printSchedule(spec)), spec);
 * assert.deepEqual(checkSchedule({ name: "cosine", lr: 0.1, T_max: 30 })[0]!.path, ["T_max"]);
 * ```
 *
 * @module
 */
export { buildSchedule, checkSchedule } from "./registry.ts";
export { describeSchedule } from "./describe.ts";
export { parseSchedule } from "./parse.ts";
export { printSchedule } from "./print.ts";
export { conditionsOf } from "./robbins_monro.ts";
export { CATALOGUE, registryOf } from "./entries.ts";
export { entry } from "./entry.ts";
export * as params from "./params.ts";

export type { Conditions } from "./conditions.ts";
export type { Problem } from "./check_param.ts";
export type { BuildContext, Built, CustomModule, Entry, Registry } from "./entry.ts";
export type { Param, Params } from "./param_types.ts";
export type {
  BuiltSchedule,
  CyclePosition,
  FeedbackSchedule,
  RunShape,
  Schedule,
  ScheduleSpec,
} from "./schedule.ts";
