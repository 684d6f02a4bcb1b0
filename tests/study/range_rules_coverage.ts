/**
 * How often the 95 % interval of each rule of the range test holds the rate that the rule reads off the loss without noise.
 *
 *     deno run -A tests/study/range_rules_coverage.ts
 *
 * Simulated ramps of 200 steps: batch losses scatter by 0.15 nats, one in twelve is 1.5 nats off, and starts lie 0 to 2 nats
 * above guessing (`tests/support/range_curves.ts`).
 */
import type { RangeRun } from "#results/lr_range.ts";
import { type Rule, RULES } from "#stats/rate_suggestions.ts";
import { suggestionsOf } from "#study/lr_range_test/suggest.ts";
import { known, measured, type Shape } from "../support/range_curves.ts";

const RAMP = { from: 1e-6, to: 10, steps: 200, shape: "exponential" } as const;

/** Spread evenly over what is usual. */
function shapeOf(test: number): Shape {
  const middle = -3 + 1.5 * ((test * 0.618) % 1);
  return { middle, end: middle + 1.5 + 0.5 * ((test * 0.713) % 1), excess: 2 * ((test * 0.377) % 1) };
}

function runOf(shape: Shape, seed: number): RangeRun {
  const { rates, losses } = measured(shape, seed, RAMP.steps);
  const reason = losses.length < RAMP.steps ? "diverged" : "budget";
  return { seed, reason, detail: null, ms_per_step: null, lr: rates, loss: losses, smoothed: losses };
}

/** Share of range tests whose interval holds the known rate, and the median ratio of its ends. */
export function coverage(seeds: number, tests: number): Record<Rule, { held: number; ratio: number }> {
  const found = Array.from({ length: tests }, (_, test) => {
    const shape = shapeOf(test);
    const runs = Array.from({ length: seeds }, (_, i) => runOf(shape, 1000 * test + i));
    return { right: known(shape), suggestions: suggestionsOf(runs, RAMP, 10) };
  });
  return Object.fromEntries(RULES.map((rule) => {
    const intervals = found.map(({ right, suggestions }) => ({
      right: right[rule],
      bounds: suggestions.find((one) => one.rule === rule)!.interval ?? [NaN, NaN],
    }));
    const held = intervals.filter(({ right, bounds: [low, high] }) => low <= right && right <= high).length;
    const ratios = intervals.map(({ bounds: [low, high] }) => high / low).sort((a, b) => a - b);
    return [rule, { held: held / tests, ratio: ratios[Math.floor(tests / 2)]! }];
  })) as Record<Rule, { held: number; ratio: number }>;
}

if (import.meta.main) {
  for (const seeds of [2, 3, 5]) console.log(seeds, "seeds", coverage(seeds, 100));
}
