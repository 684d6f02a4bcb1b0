import { cyclePosition } from "./cycles.ts";
import { entry } from "./entry.ts";
import { real } from "./frameworks/python.ts";
import type { Given, Plain } from "./param_types.ts";
import { duration, factor, schedule } from "./params.ts";
import type { BuiltSchedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  of: schedule("the schedule to repeat"),
  every: duration("time after which it starts again"),
  decay: factor("d, the factor of every rate at each new start", 1),
};

/**
 * η(t) = d^k·of(t mod P) with k = ⌊t/P⌋, momentum of(t mod P); P = `every` in steps, d = `decay`. Every repetition is a cycle (or starts one, where the
 * repeated schedule has cycles of its own, which are then counted through).
 *
 * First value as the repeated schedule, and d^k times that at t = kP; never ends.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { repeat } from "#schedules/repeat.ts";
 * import { buildSchedule } from "#schedules/registry.ts";
 *
 * const line = buildSchedule(
 *   { name: "linear", lr: 1, duration: "10 steps" },
 *   { totalSteps: 100, stepsPerEpoch: 10 },
 * );
 * const { lr } = repeat({ of: line, every: 5 });
 * assert.deepEqual([lr(0), lr(4), lr(5), lr(9)], [1, 0.6, 1, 0.6]);
 * assert.equal(repeat({ of: line, every: 5, decay: 0.5 }).lr(10), 0.25);
 * ```
 *
 * @throws {RangeError} unless `every` >= 1 and `decay` > 0, and for a schedule that depends on evaluations.
 */
export function repeat(given: Given<typeof PARAMS>): BuiltSchedule {
  const { of, every, decay } = check("repeat", PARAMS, given);
  if (of.feedback !== null) {
    throw new ParameterError(
      "repeat",
      "of",
      "a schedule that does not depend on evaluations",
      "one that does",
    );
  }
  const { lr, momentum, cycles } = of;
  const cyclesInside = (cycles?.(every - 1).cycle ?? 0) + 1;
  return {
    lr: decay === 1
      ? (t) => lr(t % every)
      : (t) => bounded(bounded(decay ** Math.floor(t / every)) * lr(t % every)),
    momentum: momentum === null ? null : (t) => momentum(t % every),
    cycles: (t) => {
      const inside = t % every;
      const own = cycles?.(inside) ?? { cycle: 0, position: inside, length: every };
      const length = Math.min(own.length, every - inside + own.position);
      return cyclePosition(Math.floor(t / every) * cyclesInside + own.cycle, own.position, length);
    },
    feedback: null,
  };
}

const bounded = (value: number): number => Math.min(value, Number.MAX_VALUE);

const again = ({ every, decay }: Plain<typeof PARAMS>, name: string): string =>
  `${decay === 1 ? "" : `${real(decay)} ** (t // ${every}) * `}${name}(t % ${every})`;

export default entry({
  name: "repeat",
  summary: "Another schedule, started again after each period, as it was or lower each time.",
  params: PARAMS,
  formula: "d^⌊t/P⌋·of(t mod P)",
  first: "as the repeated schedule",
  last: "repeats for ever, each time multiplied by decay",
  source: "Huang et al., 2017, arXiv:1704.00109 (cosine repeated)",
  label: "repeat ({of}) every {every}[, each time × {decay}]",
  sample: { name: "repeat", every: "2 epochs", of: { name: "linear", lr: 0.1, duration: "2 epochs" } },
  build: (values) => repeat(values),
  stretch: ({ every }, _, length) => ({ length: Math.min(length, every), reachesEnd: false }),
  exports: {
    body: (v, writer) => [`return ${again(v, writer.schedule(v.of))}`],
    optax: (v, writer) => `lambda t: ${again(v, writer.schedule(v.of))}`,
  },
  lint: { factorKey: "decay" },
});
