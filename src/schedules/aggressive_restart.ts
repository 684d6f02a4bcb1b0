import { STAYS } from "./conditions.ts";
import { cosineBetween } from "./curves.ts";
import { cycleFinder } from "./cycles.ts";
import { entry } from "./entry.ts";
import { set } from "./finding.ts";
import type { Given } from "./param_types.ts";
import { duration, number, rate } from "./params.ts";
import { halfCosine } from "./frameworks/python.ts";
import type { BuiltSchedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("base rate"),
  multiplier: number("each period starts at lr × multiplier", "factor", { above: 0 }),
  floor: number("each period ends at lr × floor", "fraction", { min: 0 }, 1e-3),
  period: duration("P, the time between two restarts", "1 epoch"),
};

/**
 * Restarts every period: η(t) = η₀·(floor + (multiplier − floor)·(1 + cos(πp/(P − 1)))/2), p = t mod P; P = `period`
 * in steps. A period of one step stays at η₀·multiplier.
 *
 * First value η₀·multiplier, and again at t = P, 2P, …; the last step of each period has η₀·floor, so 5e-5 with
 * multiplier 4 falls from 2e-4 to 5e-8 in every epoch. Never ends.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { aggressiveRestart } from "#schedules/aggressive_restart.ts";
 *
 * const { lr } = aggressiveRestart({ lr: 1, multiplier: 4, floor: 0.5, period: 10 });
 * assert.deepEqual([lr(0), lr(9), lr(10)], [4, 0.5, 4]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, `multiplier` > 0, 0 <= `floor` <= `multiplier` and `period` >= 1.
 * @see the escape from local minima of the SwinUNETR++ guide
 */
export function aggressiveRestart(given: Given<typeof PARAMS>): Pick<BuiltSchedule, "lr" | "cycles"> {
  const { lr, multiplier, floor, period } = check("aggressive_restart", PARAMS, given);
  if (floor > multiplier) {
    throw new ParameterError("aggressive_restart", "floor", `<= multiplier (${multiplier})`, floor);
  }
  const span = Math.max(1, period - 1);
  return {
    lr: (t) => cosineBetween(lr * multiplier, lr * floor, (t % period) / span),
    cycles: cycleFinder((cycle) => cycle * period, null),
  };
}

export default entry({
  name: "aggressive_restart",
  summary: "Jumps above the base rate every period and falls far below it within the period.",
  params: PARAMS,
  formula: "η₀·(floor + (mult − floor)·(1 + cos(π(t mod P)/(P − 1)))/2)",
  first: "lr·multiplier",
  last: "restarts for ever; lr·floor at the end of each period",
  source: "SwinUNETR++ guide, learning rate scheduling and local minima escape",
  label: "aggressive restart {lr} × {multiplier} every {period}",
  sample: { name: "aggressive_restart", lr: 5e-5, multiplier: 4 },
  build: (values) => aggressiveRestart(values),
  conditions: () => STAYS,
  exports: {
    body: ({ lr, multiplier, floor, period }, { style }) => [
      `p = (t % ${period}) / ${Math.max(1, period - 1)}`,
      `return ${halfCosine(lr * multiplier, lr * floor, "p", style)}`,
    ],
  },
  lint: {
    rules: [({ values: { multiplier } }) =>
      multiplier > 1 ? [] : [{
        code: "no-rise",
        severity: "warning",
        why: `With a multiplier of ${multiplier} a restart does not rise above the base rate.`,
        source: "SwinUNETR++ guide: a multiplier of 1.5 to 6",
        suggestions: [set({ multiplier: 3 })],
      }]],
    cycling: () => ({
      lengthKey: "period",
      lengthPart: 1,
      growthKey: null,
      growth: 1,
      limit: null,
      purpose: "jumps",
    }),
  },
});
