import { vanishesIf } from "./conditions.ts";
import { cyclePosition } from "./cycles.ts";
import { entry } from "./entry.ts";
import { set } from "./finding.ts";
import { torchMomenta, torchNative } from "./frameworks/native.ts";
import type { Given, Plain } from "./param_types.ts";
import { boolean, choice, duration, factor, momentum, rate, rateOrZero } from "./params.ts";
import { linearIn, real, type Style } from "./frameworks/python.ts";
import type { BuiltSchedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  base_lr: rateOrZero("lowest rate, at the start of each cycle"),
  max_lr: rate("highest rate of the first cycle"),
  step_size_up: duration("length of the rise"),
  step_size_down: duration("length of the fall; the length of the rise if omitted", null),
  mode: choice("amplitude: constant, halved after each cycle, or multiplied by gamma at each step", [
    "triangular",
    "triangular2",
    "exp_range",
  ]),
  gamma: factor("for exp_range: the amplitude is multiplied by gamma^t", 1),
  base_momentum: momentum("momentum at the peak of the rate", 0.8),
  max_momentum: momentum("momentum at the start of each cycle", 0.9),
  cycle_momentum: boolean("whether momentum moves opposite to the rate", true),
};

/**
 * A triangle wave between two rates: η(t) = base + (max − base)·x·scale, where x rises from 0 to 1 in `step_size_up`
 * steps and falls back in `step_size_down`; scale is 1 (triangular), 2^−cycle with cycles counted from 0
 * (triangular2), or γ^t with the global t (exp_range). Momentum is max − (max − base)·x·scale.
 *
 * First value `base_lr`, the peak at t = `step_size_up`, `base_lr` again at the start of the next cycle; never ends.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cyclic } from "#schedules/cyclic.ts";
 *
 * const { lr, momentum } = cyclic({ base_lr: 0, max_lr: 0.5, step_size_up: 10, mode: "triangular2" });
 * assert.deepEqual([lr(0), lr(5), lr(10), lr(20)], [0, 0.25, 0.5, 0]);
 * assert.equal(lr(30), 0.25); // half as high in the second cycle
 * assert.equal(momentum!(10), 0.8);
 * ```
 *
 * @throws {RangeError} unless 0 <= `base_lr` <= `max_lr`, both step sizes >= 1, `gamma` > 0 and
 * 0 <= `base_momentum` <= `max_momentum` < 1; and unless `gamma` <= 1, past which momentum would leave its range.
 * @see Smith, 2015, arXiv:1506.01186; torch.optim.lr_scheduler.CyclicLR
 */
export function cyclic(given: Given<typeof PARAMS>): BuiltSchedule {
  const v = check("cyclic", PARAMS, given);
  if (v.base_lr > v.max_lr) {
    throw new ParameterError("cyclic", "base_lr", `<= max_lr (${v.max_lr})`, v.base_lr);
  }
  if (v.base_momentum > v.max_momentum) {
    throw new ParameterError(
      "cyclic",
      "base_momentum",
      `<= max_momentum (${v.max_momentum})`,
      v.base_momentum,
    );
  }
  if (v.gamma > 1) {
    throw new ParameterError("cyclic", "gamma", "<= 1, or the peaks grow without end", v.gamma);
  }
  const up = v.step_size_up;
  const down = v.step_size_down ?? up;
  const amplitude = (t: number): number => {
    const cycle = Math.floor(t / (up + down));
    const position = t - cycle * (up + down);
    const height = position <= up ? position / up : (up + down - position) / down;
    return height * (v.mode === "triangular" ? 1 : v.mode === "triangular2" ? 2 ** -cycle : v.gamma ** t);
  };
  return {
    lr: (t) => v.base_lr + (v.max_lr - v.base_lr) * amplitude(t),
    momentum: v.cycle_momentum
      ? (t) => v.max_momentum - (v.max_momentum - v.base_momentum) * amplitude(t)
      : null,
    cycles: (t) => {
      const cycle = Math.floor(t / (up + down));
      return cyclePosition(cycle, t - cycle * (up + down), up + down);
    },
    feedback: null,
  };
}

/** Lines that set `height`, from 0 at the ends of a cycle to 1 at its peak, times the factor that shrinks the cycle. */
function triangle(
  { step_size_up: up, step_size_down, mode, gamma }: Plain<typeof PARAMS>,
  { where }: Style,
): string[] {
  const down = step_size_down ?? up;
  const height = where(`x <= ${up}`, `x / ${up}`, `(${up + down} - x) / ${down}`);
  const shrinks = mode === "triangular2"
    ? "0.5 ** cycle"
    : mode === "exp_range"
    ? `${real(gamma)} ** t`
    : null;
  return [
    `cycle = t // ${up + down}`,
    `x = t - cycle * ${up + down}`,
    `height = ${shrinks === null ? height : `(${height}) * ${shrinks}`}`,
  ];
}

export default entry({
  name: "cyclic",
  summary: "A triangle wave between two rates, with momentum moving the other way.",
  params: PARAMS,
  formula: "base + (max − base)·x(t)·scale; scale = 1, 2^−cycle or γ^t",
  first: "base_lr",
  last: "continues for ever",
  source: "Smith, 2015, arXiv:1506.01186; torch CyclicLR",
  label: "cyclic {base_lr} … {max_lr}, {mode}, {step_size_up} up",
  sample: { name: "cyclic", base_lr: 0.001, max_lr: 0.1, step_size_up: "2 epochs" },
  build: (values) => cyclic(values),
  consecutive: () => ["step_size_up", "step_size_down"],
  conditions: ({ mode, gamma, base_lr }) => {
    const shrinks = mode === "triangular2" || (mode === "exp_range" && gamma < 1);
    return vanishesIf(shrinks && base_lr === 0);
  },
  exports: {
    body: (v, { style }) => [
      ...triangle(v, style),
      `return ${linearIn(v.base_lr, v.max_lr - v.base_lr, "height")}`,
    ],
    momentum: (v, style) => [
      ...triangle(v, style),
      `return ${linearIn(v.max_momentum, v.base_momentum - v.max_momentum, "height")}`,
    ],
    natives: {
      pytorch: ({ base_lr, max_lr, step_size_up, step_size_down, mode, gamma, ...v }) => {
        const sizes = { step_size_up, step_size_down: step_size_down ?? step_size_up };
        const values = { base_lr, max_lr, ...sizes, mode, gamma, ...torchMomenta(v) };
        return [{
          ...torchNative("CyclicLR", values, base_lr),
          unfit: "the state of CyclicLR cannot be saved by torch.save in PyTorch 1.13",
        }];
      },
    },
  },
  lint: {
    rateKeys: ["max_lr", "base_lr"],
    factorKey: "gamma",
    slower: ({ length }) => [set({ gamma: Number((0.01 ** (1 / length)).toPrecision(6)) })],
    positiveStart: ({ values: { max_lr } }) => [set({ base_lr: Number((max_lr / 100).toPrecision(12)) })],
    cycling: () => ({
      lengthKey: "step_size_up",
      lengthPart: 0.5,
      growthKey: null,
      growth: 1,
      limit: null,
      purpose: "wave",
    }),
  },
});
