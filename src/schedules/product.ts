import { combine } from "./compose.ts";
import { entry } from "./entry.ts";
import type { Native, NativeRun } from "./frameworks/exports.ts";
import type { Given, Plain } from "./param_types.ts";
import { schedules } from "./params.ts";
import type { BuiltSchedule, ScheduleSpec } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  of: schedules("the schedules whose rates are multiplied; all but one are factors, with lr: 1"),
};

/**
 * η(t) = Π of_i(t): one schedule and factors of it. Cycles are those of the first schedule that has any, momentum that
 * of the one that moves it.
 *
 * First and last value: the products of the schedules' own; a product too large saturates at the largest double.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { product } from "#schedules/product.ts";
 * import { buildSchedule } from "#schedules/registry.ts";
 *
 * const run = { totalSteps: 100, stepsPerEpoch: 10 };
 * const ramp = { name: "warmup", duration: "10 steps", then: { name: "constant", lr: 1 } };
 * const drops = { name: "multistep", lr: 0.5, milestones: ["5 steps", "20 steps"] };
 * // The milestones are counted from the start of the run, not from the end of the ramp.
 * const { lr } = product({ of: [ramp, drops].map((spec) => buildSchedule(spec, run)) });
 * const rates = [0, 4, 5, 10, 20].map((step) => lr(step).toFixed(3));
 * assert.deepEqual(rates, ["0.000", "0.200", "0.025", "0.050", "0.005"]);
 * ```
 *
 * @throws {RangeError} for an empty list, and for two schedules that move momentum or watch different metrics.
 * @see torch.optim.lr_scheduler.ChainedScheduler and MultiplicativeLR
 */
export function product(given: Given<typeof PARAMS>): BuiltSchedule {
  const { of } = check("product", PARAMS, given);
  if (of.length === 0) throw new ParameterError("product", "of", "a list of at least one schedule", of);
  const momenta = of.flatMap(({ momentum }) => momentum === null ? [] : [momentum]);
  if (momenta.length > 1) {
    throw new ParameterError("product", "of", "schedules of which at most one moves momentum", "two that do");
  }
  const multiplied = combine(of, {
    // Bounded at every factor, or an overflow times 0 would not be a number.
    rates: (rates) => (t) => rates.reduce((value, rate) => Math.min(value * rate(t), Number.MAX_VALUE), 1),
    cycles: (cycles) => cycles.find((own) => own !== null) ?? null,
    local: (_, step) => step,
  });
  return { ...multiplied, momentum: momenta[0] ?? null };
}

/** torch's ChainedScheduler, for schedulers that multiply the rate that they find. */
function chained({ of }: Plain<typeof PARAMS>, { natives }: NativeRun): Native[] {
  const links = of.map((child) => child.update === "epoch" ? undefined : natives(child)[0]);
  if (!links.every((link) => link !== undefined)) return [];
  const all = links as readonly Native[];
  return [{
    call: ["ChainedScheduler([", ...all.map(({ call }) => `    ${call},`), "])"].join("\n"),
    imports: [
      "from torch.optim.lr_scheduler import ChainedScheduler",
      ...all.flatMap(({ imports }) => imports),
    ],
    base: all.reduce((base, link) => base * link.base!, 1),
    why: "ChainedScheduler multiplies the rates of its schedulers",
  }];
}

const SAMPLE: readonly ScheduleSpec[] = [
  { name: "warmup", duration: "5%", then: { name: "constant", lr: 1 } },
  { name: "multistep", lr: 0.1, milestones: ["50%", "75%"] },
];

export default entry({
  name: "product",
  summary: "The product of several rates at each step: a schedule and factors of it, all on the same clock.",
  params: PARAMS,
  formula: "Π_i of_i(t)",
  first: "the product of the first rates",
  last: "the product of the last rates",
  source: "torch ChainedScheduler and MultiplicativeLR; detectron2 WarmupMultiStepLR, mmcv LrUpdaterHook",
  label: "product of {of}",
  sample: { name: "product", of: SAMPLE },
  build: (values) => product(values),
  exports: {
    body: ({ of }, writer) => [`return ${of.map((child) => `${writer.schedule(child)}(t)`).join(" * ")}`],
    natives: { pytorch: chained },
  },
});
