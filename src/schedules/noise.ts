import { combine } from "./compose.ts";
import { entry } from "./entry.ts";
import type { FormulaWriter } from "./frameworks/exports.ts";
import { py, type Style } from "./frameworks/python.ts";
import type { Given, Plain } from "./param_types.ts";
import { choice, duration, durationOrZero, number, schedule } from "./params.ts";
import type { BuiltSchedule } from "./schedule.ts";
import { check } from "./values.ts";

const PARAMS = {
  of: schedule("the schedule that noise is added to"),
  amount: number(
    "a, the bound on the noise, as a fraction of the rate",
    "fraction",
    { above: 0, below: 1 },
    0.67,
  ),
  distribution: choice("a standard normal cut at ±a, as in timm, or uniform", ["normal", "uniform"]),
  seed: number("which numbers are drawn", "seed", { min: 0, max: 4090, whole: true }, 42),
  start: durationOrZero("first step with noise", "0 steps"),
  end: duration("first step after it without; none where left out", null),
};

type Noise = Plain<typeof PARAMS>;

/** A prime whose squares are whole in 32-bit floats, and modulo which cubing permutes, so that every framework can. */
const P = 4091;
/** Each round cubes, multiplies by the first number and adds the second, the seed at each with another factor. */
const roundsOf = (seed: number): readonly (readonly [number, number])[] => [
  [1597, (271 + 733 * seed) % P],
  [911, (3307 + 1201 * seed) % P],
  [2477, 1913],
];

/**
 * η(t) = of(t)·(1 + n(t)) with n(t) between −a and a, a = `amount`, for `start` <= t < `end`, and of(t) otherwise.
 *
 * n is a pure function of step and seed: u, one of 4091 fractions between 0 and 1 that a hash of both picks, becomes
 * a·(2u − 1) (uniform) or the quantile of a normal of mean 0 and standard deviation 1 cut at ±a, which for a < 1 is
 * nearly uniform. timm draws the same distributions by torch's generator, so its numbers are others. Momentum and
 * cycles stay those of the schedule.
 *
 * First and last value those of the schedule times 1 + n.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { noise } from "#schedules/noise.ts";
 * import { buildSchedule } from "#schedules/registry.ts";
 *
 * const of = buildSchedule({ name: "constant", lr: 1 }, { totalSteps: 100, stepsPerEpoch: 10 });
 * const { lr } = noise({ of, amount: 0.1, start: 10 });
 * assert.equal(lr(9), 1);
 * assert.ok(lr(10) !== 1 && Math.abs(lr(10) - 1) < 0.1);
 * assert.equal(lr(10), lr(10));
 * ```
 *
 * @throws {RangeError} unless 0 < `amount` < 1 and `seed` is a whole number from 0 to 4090.
 * @see timm's Scheduler (noise_range_t, noise_pct, noise_type)
 */
export function noise(given: Given<typeof PARAMS>): BuiltSchedule {
  const v = check("noise", PARAMS, given);
  const [rounds, mass] = [roundsOf(v.seed), massWithin(v.amount)];
  const bounds = { start: v.start, end: v.end ?? Infinity };
  const fraction = v.distribution === "uniform"
    ? (u: number) => v.amount * (2 * u - 1)
    : (u: number) => quantile((2 * u - 1) * mass);
  const noisy = combine([v.of], {
    rates: ([rate]) => (t) =>
      t < bounds.start || t >= bounds.end ? rate!(t) : rate!(t) * (1 + fraction(hash(t, rounds))),
    cycles: ([cycles]) => cycles!,
    local: (_, step) => step,
  });
  return { ...noisy, momentum: v.of.momentum };
}

/** One of 4091 fractions between 0 and 1, by cubes modulo a prime: whole numbers below 2^24 at every step. */
function hash(t: number, rounds: ReturnType<typeof roundsOf>): number {
  let x = (t % P + Math.floor(t / P) % P * 1993) % P;
  for (const [factor, add] of rounds) x = (x * x % P * x % P * factor + add) % P;
  return (x + 0.5) / P;
}

/** Half the probability that a standard normal lies within ±a, by its series; a < 1. */
function massWithin(a: number): number {
  let [term, sum] = [a, a];
  for (let k = 1; k < 20; k++) {
    term *= -a * a / (2 * k);
    sum += term / (2 * k + 1);
  }
  return sum / Math.sqrt(2 * Math.PI);
}

/** Acklam's rational approximation of the normal quantile at ½ + q for |q| <= 0.425, to 1.2e-9 of its value. */
const ABOVE = [
  -39.69683028665376,
  220.9460984245205,
  -275.9285104469687,
  138.357751867269,
  -30.66479806614716,
  2.506628277459239,
];
const BELOW = [
  -54.47609879822406,
  161.5858368580409,
  -155.6989798598866,
  66.80131188771972,
  -13.28068155288572,
  1,
];
const polynomial = (coefficients: readonly number[], r: number) =>
  coefficients.reduce((sum, coefficient) => sum * r + coefficient, 0);
const quantile = (q: number): number => q * polynomial(ABOVE, q * q) / polynomial(BELOW, q * q);

function body(v: Noise, writer: FormulaWriter): string[] {
  const rate = `${writer.schedule(v.of)}(t)`;
  const inner = [
    `x = (t % ${P} + t // ${P} % ${P} * 1993) % ${P}`,
    ...roundsOf(v.seed).map(([factor, add]) => `x = (x * x % ${P} * x % ${P} * ${factor} + ${add}) % ${P}`),
    `u = 2 * (x + 0.5) / ${P} - 1`,
    ...noiseLines(v),
  ];
  return [...inner, `return ${within(v, `${rate} * (1 + n)`, rate, writer.style)}`];
}

function noiseLines({ distribution, amount }: Noise): string[] {
  if (distribution === "uniform") return [`n = ${py(amount)} * u`];
  const horner = (coefficients: readonly number[]) =>
    coefficients.reduce(
      (sum, coefficient) => sum === "" ? py(coefficient) : `(${sum} * r + ${py(coefficient)})`,
      "",
    );
  return [
    `q = ${py(massWithin(amount))} * u`,
    "r = q * q",
    `n = q * ${horner(ABOVE)} / ${horner(BELOW)}`,
  ];
}

function within({ start, end }: Noise, noisy: string, plain: string, { where }: Style): string {
  const ended = end === null ? noisy : where(`t < ${end}`, noisy, plain);
  return start === 0 ? ended : where(`t < ${start}`, plain, ended);
}

export default entry({
  name: "noise",
  summary: "Another schedule with noise in proportion to its rate.",
  params: PARAMS,
  formula: "of(t)·(1 + n(t)), −a < n(t) < a, for start <= t < end",
  first: "that of the schedule times 1 + n",
  last: "that of the schedule times 1 + n",
  source: "timm's lr_noise (noise_range_t, noise_pct, noise_type), with random numbers of its own",
  label: "({of}) with {distribution} noise up to {amount}[ from {start}][ until {end}][, seed {seed}]",
  sample: { name: "noise", amount: 0.3, of: { name: "cosine", lr: 0.1, T_max: "100%" } },
  build: (values) => noise(values),
  conditions: ({ of }, conditionsOf) => conditionsOf(of),
  exports: { body },
});
