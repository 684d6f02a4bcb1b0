import { combine } from "./compose.ts";
import { cyclePosition } from "./cycles.ts";
import { entry, type Given } from "./entry.ts";
import { duration, number, schedule } from "./params.ts";
import type { BuiltSchedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const SCALE = {
  of: schedule("the schedule to scale"),
  by: number("what every rate is multiplied by", "factor", { min: 0 }),
};
const REPEAT = {
  of: schedule("the schedule to repeat"),
  every: duration("steps after which it starts again"),
};

/**
 * η(t) = by·of(t). Momentum and cycles stay those of the scaled schedule.
 *
 * First and last value `by` times those of the scaled schedule; a product too large saturates at the largest double.
 *
 * @throws {RangeError} unless `by` >= 0 and finite.
 */
export function scale(given: Given<typeof SCALE>): BuiltSchedule {
  const { of, by } = check("scale", SCALE, given);
  const scaled = combine([of], {
    rates: ([rate]) => (t) => Math.min(by * rate!(t), Number.MAX_VALUE),
    cycles: ([cycles]) => cycles!,
    local: (_, step) => step,
  });
  return { ...scaled, momentum: of.momentum };
}

/**
 * η(t) = of(t mod P), momentum likewise; P = `every` in steps. Every repetition is a cycle (or starts one, where the
 * repeated schedule has cycles of its own, which are then counted through).
 *
 * First value as the repeated schedule, and again at t = P, 2P, …; never ends.
 *
 * @throws {RangeError} unless `every` >= 1, and for a schedule that depends on evaluations.
 */
export function repeat(given: Given<typeof REPEAT>): BuiltSchedule {
  const { of, every } = check("repeat", REPEAT, given);
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
    lr: (t) => lr(t % every),
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

export const scaleEntry = entry({
  name: "scale",
  summary: "Another schedule times a factor.",
  params: SCALE,
  formula: "by·of(t)",
  first: "by times that of the scaled schedule",
  last: "by times that of the scaled schedule",
  source: "Goyal et al., 2017, arXiv:1706.02677 (linear scaling with the batch size)",
  label: "{by} × ({of})",
  sample: { name: "scale", by: 4, of: { name: "cosine", lr: 0.1, T_max: "100%" } },
  build: (values) => scale(values),
});

export const repeatEntry = entry({
  name: "repeat",
  summary: "Another schedule, started again every so often.",
  params: REPEAT,
  formula: "of(t mod P)",
  first: "as the repeated schedule",
  last: "repeats for ever",
  source: "Huang et al., 2017, arXiv:1704.00109 (cosine repeated)",
  label: "repeat ({of}) every {every}",
  sample: { name: "repeat", every: "2 epochs", of: { name: "linear", lr: 0.1, duration: "2 epochs" } },
  build: (values) => repeat(values),
});
