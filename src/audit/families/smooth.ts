import { holds } from "../case.ts";
import { leastSquares, levenbergMarquardt } from "../least_squares.ts";
import { type RateLog, thinned } from "../log.ts";
import { type Curve, DESCENTS, partsAt, rateAt } from "./curve.ts";
import { plain } from "./found.ts";

/** Points by which a curve is fitted; all are checked. */
const FITTED = 48;

interface Form {
  readonly descent: string;
  readonly ramp: string;
  readonly hasRamp: boolean;
  readonly hasStable: boolean;
  readonly hasPower: boolean;
  readonly fromZero: boolean;
  readonly toZero: boolean;
}

/** The shape of a log, from which fits start. */
interface Shape {
  /** Index of the first of the highest rates, and of the last that is next to it. */
  readonly top: number;
  readonly topEnd: number;
  /** Index from which on all rates are the same; the last one where they are not. */
  readonly tail: number;
}

function shapeOf({ rates, tolerances }: RateLog): Shape {
  const near = (a: number, b: number) => Math.abs(rates[a]! - rates[b]!) <= tolerances[a]! + tolerances[b]!;
  const most = rates.reduce((best, rate, i) => rate > rates[best]! ? i : best, 0);
  let top = most;
  while (top > 0 && near(top - 1, most)) top--;
  let topEnd = most;
  while (topEnd + 1 < rates.length && near(topEnd + 1, most)) topEnd++;
  let tail = rates.length - 1;
  while (tail > 0 && near(tail - 1, rates.length - 1)) tail--;
  return { top, topEnd, tail };
}

/** Forms from the simplest on, with the ramp that the rising points show. */
function* formsOf(log: RateLog, { top, topEnd }: Shape): Generator<Form> {
  const hasRamp = top > 0;
  // Rounding alone makes the top of a cosine flat: no flat part is the simpler form.
  const flat = topEnd === top ? [false] : topEnd - top > 0.2 * log.steps.length ? [true] : [false, true];
  const line = rampLine(log, top);
  const ramp = hasRamp && line === null ? "cosine" : "linear";
  const fromZero = line !== null && Math.abs(line) <= 1e-5 * log.rates[top]!;
  const starts = top === 1 ? [true, false] : [fromZero];
  for (const [hasStable, toZero] of flat.flatMap((one) => [[one, true], [one, false]] as const)) {
    for (const descent of Object.keys(DESCENTS)) {
      if (descent === "1-sqrt" && !hasStable) continue;
      for (const fromZero of starts) {
        yield { descent, ramp, hasRamp, hasStable, hasPower: descent === "polynomial", fromZero, toZero };
      }
    }
  }
}

/** The rate at step 0 of the line through the rising points; `null` where they lie on none. */
function rampLine({ steps, rates, tolerances }: RateLog, top: number): number | null {
  // One point of a ramp shows no line: the simplest is that from 0.
  if (top <= 1) return 0;
  // The last rising point may lie past the peak.
  const last = Math.max(1, top - 1);
  const slope = (rates[last]! - rates[0]!) / (steps[last]! - steps[0]!);
  const first = rates[0]! - slope * steps[0]!;
  for (let i = 1; i < last; i++) {
    if (Math.abs(first + slope * steps[i]! - rates[i]!) > 3 * tolerances[i]!) return null;
  }
  return first;
}

/** A curve of ramp, flat part and descent, each of which may be missing; `null` where none gives the log. */
export function smooth(log: RateLog): Curve | null {
  const shape = shapeOf(log);
  // A rate that rises, or stays at its highest, to the end of the log shows no descent.
  if (log.steps.length < 5 || shape.topEnd === log.steps.length - 1) return null;
  const few = thinned(log, FITTED);
  for (const form of formsOf(log, shape)) {
    for (const start of startsOf(log, shape, form)) {
      const fitted = fit(few, form, start);
      const curve = fitted === null ? null : settled(log, few, form, fitted);
      if (curve !== null) return curve;
    }
  }
  return null;
}

/** Warmup, flat part, length and power to begin with. */
function startsOf({ steps, rates }: RateLog, { top, topEnd, tail }: Shape, form: Form): number[][] {
  const [first, last] = [steps[0]!, steps.at(-1)!];
  const slope = top > 1 ? (rates[1]! - rates[0]!) / (steps[1]! - first) : rates[0]! / Math.max(1, first);
  const crossing = first + (rates[top]! - rates[0]!) / slope;
  const warmup = !form.hasRamp
    ? 0
    : form.ramp === "linear" && crossing > (steps[top - 1] ?? 0) && crossing < last
    ? crossing
    : steps[top]!;
  const stable = form.hasStable ? Math.max(1, steps[topEnd]! - warmup) : 0;
  const rest = Math.max(1, (tail < steps.length - 1 ? steps[tail]! : last) - warmup - stable);
  const lengths = tail < steps.length - 1 && tail > topEnd ? [0.98] : [1.02, 1.6, 4];
  const powers = form.hasPower ? [2, 0.7] : [1];
  return lengths.flatMap((times) => powers.map((power) => [warmup, stable, times * rest, power]));
}

/** Which of the four may move. */
const moving = ({ hasRamp, hasStable, hasPower }: Form) => [hasRamp, hasStable, true, hasPower];

function withValues(
  form: Form,
  [warmup, stable, length, power]: readonly number[],
): Omit<Curve, "from" | "peak" | "low"> {
  return { ...form, warmup: warmup!, stable: stable!, length: length!, power: power! };
}

/** First, highest and lowest rate that fit best with the other numbers given. */
function levels(log: RateLog, form: Form, values: readonly number[]): Curve | null {
  const curve = withValues(form, values);
  if (
    !(curve.warmup >= 0 && curve.stable >= 0 && curve.length > 0.5 && curve.power > 0.05 && curve.power < 20)
  ) {
    return null;
  }
  const parts = log.steps.map((step) => partsAt(step, curve));
  const used = [!form.fromZero && parts.some(([first]) => first > 0), true, !form.toZero];
  const columns = [0, 1, 2].filter((k) => used[k]).map((k) => parts.map((part) => part[k]!));
  const solved = leastSquares(columns, log.rates, log.tolerances);
  if (solved === null) return null;
  const all = used.map((isUsed) => isUsed ? solved.shift()! : 0) as [number, number, number];
  return { ...curve, from: all[0], peak: all[1], low: all[2] };
}

function fit(few: RateLog, form: Form, start: readonly number[]): number[] | null {
  const free = moving(form).flatMap((isFree, k) => isFree ? [k] : []);
  const whole = (part: readonly number[]) =>
    start.map((value, k) => free.includes(k) ? part[free.indexOf(k)]! : value);
  const best = levenbergMarquardt((part) => {
    const curve = levels(few, form, whole(part));
    return curve === null
      ? null
      : few.steps.map((step, i) => (rateAt(step, curve) - few.rates[i]!) / few.tolerances[i]!);
  }, free.map((k) => start[k]!));
  return best === null ? null : whole(best);
}

/** Nearness at which whole lengths are tried. */
const AROUND = [0, -1, 1];

/** The curve with whole lengths where these fit, else as fitted; `null` where it misses a point of the log. */
function settled(log: RateLog, few: RateLog, form: Form, values: readonly number[]): Curve | null {
  const fits = (curve: Curve | null): curve is Curve =>
    curve !== null && curve.peak > 0 && curve.low > -1e-9 * curve.peak && curve.low < curve.peak &&
    holds(log, (step) => rateAt(step, curve));
  const rough = levels(few, form, values);
  if (
    rough === null ||
    few.steps.filter((step, i) => Math.abs(rateAt(step, rough) - few.rates[i]!) > 40 * few.tolerances[i]!)
        .length > 0.2 * few.steps.length
  ) {
    return null;
  }
  for (const a of form.hasRamp ? AROUND : [0]) {
    for (const b of form.hasStable ? AROUND : [0]) {
      for (const c of AROUND) {
        const power = form.hasPower ? plain(values[3]!, 2e-3) : 1;
        const whole = [
          Math.round(values[0]!) + a,
          Math.round(values[1]!) + b,
          Math.round(values[2]!) + c,
          power,
        ];
        const curve = levels(few, form, whole);
        if (fits(curve)) return curve;
      }
    }
  }
  const curve = levels(few, form, values);
  return fits(curve) && curve.length < 50 * log.steps.at(-1)! ? curve : null;
}
