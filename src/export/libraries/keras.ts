import type { Schedule } from "#schedules/schedule.ts";
import { type Arguments, define } from "../python/arguments.ts";
import { Refusal, type Value } from "../python/evaluate.ts";
import { kerasPlateau } from "./plateau.ts";

/**
 * The first rate. Keras computes in its dtype: a whole number makes the rate an int32, which is 0 for most of a run.
 *
 * @throws {Refusal} for a whole number.
 */
function firstRate(given: Arguments, key = "initial_learning_rate"): number {
  if (given.isWhole(key)) throw new Refusal(`Keras computes in int32, the dtype of ${key}`);
  return given.number(key);
}

function positive(given: Arguments, key: string): number {
  const value = given.number(key);
  if (!(value > 0)) throw new Refusal(`Keras needs ${key} > 0`);
  return value;
}

/** The exponent or divisor of a decay: the periods so far, rounded down for a staircase. */
function periodsOf(given: Arguments): Schedule {
  const steps = positive(given, "decay_steps");
  return given.flag("staircase") ? (t) => Math.floor(t / steps) : (t) => t / steps;
}

function exponentialDecay(given: Arguments): Value {
  const [lr, rate, periods] = [firstRate(given), given.number("decay_rate"), periodsOf(given)];
  return (t: number) => lr * rate ** periods(t);
}

function inverseTimeDecay(given: Arguments): Value {
  const [lr, rate, periods] = [firstRate(given), given.number("decay_rate"), periodsOf(given)];
  return (t: number) => lr / (1 + rate * periods(t));
}

/** A boundary's own step still has the value before it. */
function piecewiseConstantDecay(given: Arguments): Value {
  const [boundaries, values] = [given.numbers("boundaries"), given.numbers("values")];
  if (boundaries.length !== values.length - 1) {
    throw new Refusal("PiecewiseConstantDecay needs one boundary between two values");
  }
  if (typeof (given.value("values") as readonly Value[])[0] === "bigint") {
    throw new Refusal("Keras computes in int32, the dtype of the first value");
  }
  return (t: number) => {
    const index = boundaries.findIndex((boundary) => t <= boundary);
    return values[index < 0 ? values.length - 1 : index]!;
  };
}

function polynomialDecay(given: Arguments): Value {
  const [lr, end, power] = [firstRate(given), given.number("end_learning_rate"), given.number("power")];
  const [steps, cycle] = [positive(given, "decay_steps"), given.flag("cycle")];
  return (t: number) => {
    const horizon = cycle ? steps * (t === 0 ? 1 : Math.ceil(t / steps)) : steps;
    return (lr - end) * (1 - Math.min(t, horizon) / horizon) ** power + end;
  };
}

function cosineDecay(given: Arguments): Value {
  const [lr, steps, alpha] = [firstRate(given), positive(given, "decay_steps"), given.number("alpha")];
  const [target, warmup] = [given.numberOrNone("warmup_target"), given.number("warmup_steps")];
  const decay = (from: number): Schedule => (t) =>
    from * ((1 - alpha) * 0.5 * (1 + Math.cos(Math.PI * Math.min(t, steps) / steps)) + alpha);
  if (target === null) return decay(lr);
  const after = decay(target);
  return (t: number) => t < warmup ? (target - lr) * (t / warmup) + lr : after(t - warmup);
}

/** The cycle is found by a logarithm; its boundaries are not rounded; alpha does not decay with the maximum. */
function cosineDecayRestarts(given: Arguments): Value {
  const [lr, first, alpha] = [firstRate(given), positive(given, "first_decay_steps"), given.number("alpha")];
  const [m, d] = [given.number("t_mul"), given.number("m_mul")];
  return (t: number) => {
    const done = t / first;
    const cycle = m === 1 ? Math.floor(done) : Math.floor(Math.log(1 - done * (1 - m)) / Math.log(m));
    const position = m === 1 ? done - cycle : (done - (1 - m ** cycle) / (1 - m)) / m ** cycle;
    return lr * ((1 - alpha) * 0.5 * d ** cycle * (1 + Math.cos(Math.PI * position)) + alpha);
  };
}

const SCHEDULES = [
  define(
    "ExponentialDecay(initial_learning_rate, decay_steps, decay_rate, staircase=False, name=None)",
    exponentialDecay,
  ),
  define(
    "InverseTimeDecay(initial_learning_rate, decay_steps, decay_rate, staircase=False, name=None)",
    inverseTimeDecay,
  ),
  define("PiecewiseConstantDecay(boundaries, values, name=None)", piecewiseConstantDecay),
  define(
    "PolynomialDecay(initial_learning_rate, decay_steps, end_learning_rate=0.0001, power=1.0, cycle=False, name=None)",
    polynomialDecay,
  ),
  define(
    "CosineDecay(initial_learning_rate, decay_steps, alpha=0.0, name=None, warmup_target=None, warmup_steps=0)",
    cosineDecay,
  ),
  define(
    "CosineDecayRestarts(initial_learning_rate, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0, name=None)",
    cosineDecayRestarts,
  ),
];

/** Schedules of Keras 3, in double precision. */
export const KERAS = [
  ...SCHEDULES.map((schedule) => ({ ...schedule, name: `keras.optimizers.schedules.${schedule.name}` })),
  define(
    'keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.1, patience=10, verbose=0, mode="auto", ' +
      "min_delta=0.0001, cooldown=0, min_lr=0.0)",
    kerasPlateau,
  ),
];
