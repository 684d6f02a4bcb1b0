import type { Schedule } from "#schedules/schedule.ts";
import { type Arguments, define } from "../python/arguments.ts";
import { floorDivide, numberOf, Refusal, type Value } from "../python/evaluate.ts";

/** Rates over the fraction of training that is done, as fastai's `Sched…` functions take it. */
type Annealer = (start: number, end: number, position: number) => number;

const ANNEALERS: Readonly<Record<string, Annealer>> = {
  SchedLin: (start, end, position) => start + position * (end - start),
  SchedCos: (start, end, position) => start + (1 + Math.cos(Math.PI * (1 - position))) * (end - start) / 2,
  SchedNo: (start) => start,
  SchedExp: (start, end, position) => start * (end / start) ** position,
};
const cosine = ANNEALERS.SchedCos!;

/**
 * Parts of the training one after the other. fastai compares positions and boundaries as 32-bit floats, which decides at
 * which step a part begins; the rates within a part are taken in 64 bits here.
 */
function combine(fractions: readonly number[], parts: readonly Schedule[]): Schedule {
  if (fractions.reduce((sum, fraction) => sum + fraction, 0) !== 1) {
    throw new Refusal("combine_scheds asserts that the fractions sum to 1");
  }
  const ends = endsOf(fractions);
  const compared = endsOf(fractions.map(Math.fround)).map(Math.fround);
  return (position) => {
    let index = 0;
    while (index < parts.length - 1 && Math.fround(position) >= compared[index + 1]!) index++;
    const progress = (position - ends[index]!) / (ends[index + 1]! - ends[index]!);
    return parts[index]!(Math.max(0, progress));
  };
}

const endsOf = (fractions: readonly number[]): number[] =>
  fractions.reduce((ends, fraction) => [...ends, ends.at(-1)! + fraction], [0]);

const combinedCos = (pct: number, start: number, middle: number, end: number): Schedule =>
  combine([pct, 1 - pct], [(p) => cosine(start, middle, p), (p) => cosine(middle, end, p)]);

/** A schedule of the steps of a whole training of so many epochs. */
const over = (epochs: number, stepsPerEpoch: number, rate: Schedule): Schedule => (t) =>
  rate(t / (epochs * stepsPerEpoch));

function fitSgdr(v: Arguments, stepsPerEpoch: number): Value {
  const [cycles, length, mult] = [v.number("n_cycles"), v.number("cycle_len"), v.number("cycle_mult")];
  if (mult === 1) throw new Refusal("fit_sgdr divides by zero at cycle_mult 1");
  const epochs = floorDivide(length * (mult ** cycles - 1), mult - 1);
  const fractions = Array.from({ length: cycles }, (_, cycle) => length * mult ** cycle / epochs);
  const high = v.number("lr_max");
  return over(epochs, stepsPerEpoch, combine(fractions, fractions.map(() => (p) => cosine(high, 0, p))));
}

/** Functions of fastai 2, for trainings of whole epochs. */
export const fastai = (stepsPerEpoch: number) => [
  ...Object.entries(ANNEALERS).map(([name, annealer]) =>
    define(`${name}(start, end)`, (v) => {
      const [start, end] = [v.number("start"), v.number("end")];
      return (position: number) => annealer(start, end, position);
    })
  ),
  define("SchedPoly(start, end, power)", (v) => {
    const [start, end, power] = [v.number("start"), v.number("end"), v.number("power")];
    return (position: number) => start + (end - start) * position ** power;
  }),
  define("combine_scheds(pcts, scheds)", (v) => combine(v.numbers("pcts"), v.schedules("scheds"))),
  define(
    "combined_cos(pct, start, middle, end)",
    (v) => combinedCos(v.number("pct"), v.number("start"), v.number("middle"), v.number("end")),
  ),
  define(
    "learn.fit_one_cycle(n_epoch, lr_max=None, div=25.0, div_final=100000.0, pct_start=0.25, wd=None, moms=None)",
    (v) => {
      const high = v.number("lr_max");
      const rate = combinedCos(
        v.number("pct_start"),
        high / v.number("div"),
        high,
        high / v.number("div_final"),
      );
      return over(v.number("n_epoch"), stepsPerEpoch, rate);
    },
  ),
  define("learn.fit_flat_cos(n_epoch, lr=None, div_final=100000.0, pct_start=0.75, wd=None)", (v) => {
    const lr = v.number("lr");
    const rate = combinedCos(v.number("pct_start"), lr, lr, lr / v.number("div_final"));
    return over(v.number("n_epoch"), stepsPerEpoch, rate);
  }),
  define("learn.fit_sgdr(n_cycles, cycle_len, lr_max=None, cycle_mult=2)", (v) => fitSgdr(v, stepsPerEpoch)),
  define("learn.fit(n_epoch, lr=None, cbs=None)", (v) => {
    const [epochs, given] = [v.number("n_epoch"), v.value("cbs")];
    return typeof given === "function"
      ? over(epochs, stepsPerEpoch, given as Schedule)
      : () => numberOf(v.value("lr"));
  }),
  define("ParamScheduler(scheds)", (v) => {
    const scheds = v.value("scheds");
    const rate = scheds instanceof Map ? scheds.get("lr") : undefined;
    if (typeof rate !== "function") throw new Refusal("ParamScheduler needs a function for lr");
    return rate;
  }),
];
