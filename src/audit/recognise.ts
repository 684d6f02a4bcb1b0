import { basesOf, firstMisfit } from "./case.ts";
import { triangle, warmRestarts } from "./families/cycles.ts";
import { exponential, inverseRoot } from "./families/decays.ts";
import { type Found, inSteps, PLAIN, plain } from "./families/found.ts";
import { asFound } from "./families/curve.ts";
import { smooth } from "./families/smooth.ts";
import { constant, stairs } from "./families/stairs.ts";
import { leastSquares } from "./least_squares.ts";
import { type RateLog, sliced } from "./log.ts";

/** Points from which anything is recognised but a constant. */
const LEAST_POINTS = 5;

/**
 * The schedule in a log, from its rates alone: the simplest of the families that gives every point within its rounding.
 * `null` where none does.
 */
export function recognise(log: RateLog, stepsPerEpoch: number | null): Found | null {
  const level = constant(log);
  if (level !== null || log.steps.length < LEAST_POINTS) return level;
  for (const base of basesOf(log)) {
    const found = recogniseFrom({ ...log, steps: log.steps.map((step) => step - base) }, stepsPerEpoch);
    if (found !== null) return { ...found, rate: (step) => found.rate(Math.max(0, step - base)) };
  }
  return null;
}

/** The same for a log that counts from 0. */
function recogniseFrom(log: RateLog, stepsPerEpoch: number | null): Found | null {
  const flat = stairs(log, stepsPerEpoch);
  if (flat !== null) return flat;
  const isHeld = stepsPerEpoch !== null && showsHolds(log, stepsPerEpoch);
  const ways = isHeld ? [heldCurve, curveOf, warmed] : [curveOf, warmed, heldCurve];
  for (const way of ways) {
    const found = way(log, stepsPerEpoch);
    if (found !== null) return found;
  }
  return null;
}

/** True where most neighbours within an epoch have the same rate, and the rate moves at all. */
function showsHolds({ steps, rates, tolerances }: RateLog, held: number): boolean {
  const isSame = (i: number) => Math.abs(rates[i]! - rates[i - 1]!) <= tolerances[i]!;
  const within = steps.flatMap((step, i) =>
    i > 0 && Math.floor(step / held) === Math.floor(steps[i - 1]! / held) ? [isSame(i)] : []
  );
  return within.length > 2 && within.every(Boolean);
}

/** A line that rises to the end of the log: a warmup, or a range test. */
function rising(log: RateLog): Found | null {
  const { steps, rates } = log;
  if (rates.some((rate, i) => i > 0 && rate < rates[i - 1]!)) return null;
  const line = leastSquares([steps.map(() => 1), steps], rates, log.tolerances);
  if (line === null || !(line[1]! > 0)) return null;
  const rate = (step: number) => line[0]! + line[1]! * step;
  if (firstMisfit(log, rate) < steps.length) return null;
  return {
    ...PLAIN,
    family: "a linear ramp, not at its end",
    spec: null,
    rate,
    parameters: { from: plain(Math.max(0, line[0]!), 1e-4), rise_per_step: plain(line[1]!, 1e-4) },
    isRising: true,
  };
}

/** A curve that moves at every step. */
function curveOf(log: RateLog): Found | null {
  const found = exponential(log) ?? inverseRoot(log) ?? warmRestarts(log) ?? triangle(log);
  if (found !== null) return found;
  const curve = smooth(log);
  return curve === null ? rising(log) ?? wave(log) ?? shifted(log) : asFound(curve);
}

/** A curve whose rate is held for an epoch, or for as many steps as the log shows. */
function heldCurve(log: RateLog, stepsPerEpoch: number | null): Found | null {
  for (const held of new Set([...(stepsPerEpoch === null ? [] : [stepsPerEpoch]), ...heldIn(log)])) {
    if (held < 2 || held !== stepsPerEpoch && held <= log.every || held > log.steps.at(-1)! / 3) continue;
    const calls = inCalls(log, held);
    const inner = calls === null ? null : curveOf(calls) ?? stairs(calls, null) ?? warmed(calls, null);
    if (inner === null) continue;
    const rate = (step: number) => inner.rate(Math.floor(step / held));
    if (firstMisfit(log, rate) < log.steps.length) continue;
    if (inner.family === "exponential") return asSteps(inner, held, rate);
    return {
      ...inner,
      family: held === stepsPerEpoch
        ? `${inner.family}, once an epoch`
        : `${inner.family}, once in ${held} steps`,
      spec: null,
      rate,
      held,
      warmup: inner.warmup * held,
      end: inner.end === null ? null : inner.end * held,
    };
  }
  return null;
}

/** A factor at each call is a stair at each call. */
function asSteps(inner: Found, held: number, rate: (step: number) => number): Found {
  const { lr = 0, gamma = 0 } = inner.parameters;
  return {
    ...PLAIN,
    family: "step",
    spec: { name: "step", lr, step_size: inSteps(held), gamma },
    rate,
    parameters: { lr, step_size: held, gamma },
    held,
  };
}

/** The one distance of changes that a log shows, where there is one. */
function heldIn({ steps, rates, tolerances, every }: RateLog): number[] {
  const changes = steps.filter((_, i) =>
    i > 0 && Math.abs(rates[i]! - rates[i - 1]!) > tolerances[i]! + tolerances[i - 1]!
  );
  if (changes.length < 3 || changes.length > 0.6 * steps.length) return [];
  const mean = (changes.at(-1)! - changes[0]!) / (changes.length - 1);
  const around = Math.ceil(every / changes.length) + 1;
  return Array.from(
    { length: 2 * around + 1 },
    (_, k) => Math.round(mean) + (k % 2 === 0 ? 1 : -1) * Math.ceil(k / 2),
  );
}

/** One point a call of the scheduler; `null` where the rate moves between two. */
function inCalls(log: RateLog, held: number): RateLog | null {
  const at: number[] = [];
  const calls: number[] = [];
  for (const [i, step] of log.steps.entries()) {
    const call = Math.floor(step / held);
    if (calls.at(-1) !== call) {
      at.push(i);
      calls.push(call);
    } else if (Math.abs(log.rates[i]! - log.rates[at.at(-1)!]!) > log.tolerances[i]! * 2) return null;
  }
  const pick = (values: readonly number[]) => at.map((i) => values[i]!);
  return { ...log, steps: calls, rates: pick(log.rates), tolerances: pick(log.tolerances), every: 1 };
}

/** A ramp up to something else: a constant, stairs, or a curve that is counted from step 0. */
function warmed(log: RateLog, stepsPerEpoch: number | null): Found | null {
  const { steps, rates } = log;
  let top = 0;
  while (top + 1 < rates.length && rates[top + 1]! > rates[top]!) top++;
  if (top < 1 || top + 3 > rates.length) return null;
  const slope = (rates[Math.max(1, top - 1)]! - rates[0]!) / (steps[Math.max(1, top - 1)]! - steps[0]!);
  const from = rates[0]! - slope * steps[0]!;
  for (const first of [top, top + 1]) {
    const rest = sliced(log, first);
    const onRun = constant(rest) ?? stairs(rest, stepsPerEpoch) ?? curveFrom(rest);
    if (onRun === null) continue;
    const peak = onRun.rate(0);
    const warmup = (peak - from) / slope;
    for (const length of new Set([Math.round(warmup), warmup])) {
      const rate = (step: number) => step < length ? from + (peak - from) * step / length : onRun.rate(step);
      if (!(length > 0) || firstMisfit(log, rate) < steps.length) continue;
      const falls = onRun.rate(Math.ceil(length)) < 0.999 * peak && onRun.end !== null;
      const low = Math.abs(from) < 1e-6 * peak ? 0 : plain(from, 1e-4);
      return {
        ...onRun,
        family: `warmup + ${onRun.family}`,
        spec: onRun.spec === null || low < 0
          ? null
          : { name: "warmup", duration: inSteps(length), from: low, clock: "run", then: onRun.spec },
        rate,
        parameters: { ...onRun.parameters, warmup: Math.round(length), from: low },
        warmup: length,
        jumpsAfterWarmup: falls,
      };
    }
  }
  return null;
}

function curveFrom(log: RateLog): Found | null {
  const curve = smooth(log);
  return curve === null ? null : asFound(curve);
}

/** A descent that is not held at its end: a cosine as a wave, whose lowest point is its end. */
function wave(log: RateLog): Found | null {
  const lowest = lowestOf(log);
  if (lowest === null) return null;
  const curve = smooth(sliced(log, 0, lowest + 1)) ?? smooth(sliced(log, 0, lowest));
  if (curve === null || curve.descent !== "cosine") return null;
  const found = asFound(curve);
  const start = curve.warmup + curve.stable;
  for (
    const length of new Set([
      curve.length,
      Math.round(curve.length),
      Math.round(curve.length) - 1,
      Math.round(curve.length) + 1,
    ])
  ) {
    const end = start + length;
    const rate = (step: number) => {
      if (step <= start) return found.rate(step);
      return curve.low + (curve.peak - curve.low) * (1 + Math.cos(Math.PI * (step - start) / length)) / 2;
    };
    if (firstMisfit(log, rate) < log.steps.length) continue;
    return { ...found, family: `${found.family}, rising again`, spec: null, rate, end, rises: true };
  }
  return null;
}

/** The index of the first lowest rate after the peak, where the rates rise again after it; else `null`. */
function lowestOf({ rates, tolerances }: RateLog): number | null {
  const top = rates.reduce((best, rate, i) => rate > rates[best]! ? i : best, 0);
  // A wave of several periods may have its highest point anywhere.
  let i = rates[0]! >= rates[1]!
    ? 0
    : rates.findIndex((rate, k) => k > 0 && rate > (rates[k + 1] ?? -Infinity));
  if (i < 0) i = top;
  while (i + 1 < rates.length && rates[i + 1]! <= rates[i]! + tolerances[i]!) i++;
  return i + 2 < rates.length && i > 3 ? i : null;
}

/** A cosine or polynomial that begins one step into itself: the log shows the next step's rates. */
function shifted(log: RateLog): Found | null {
  if (log.rates[0]! < log.rates[1]! || log.steps[0] !== 0) return null;
  const curve = smooth({ ...log, steps: log.steps.map((step) => step + 1) });
  if (curve === null || curve.descent === "linear" || curve.warmup > 0) return null;
  const found = asFound(curve);
  return { ...found, ...PLAIN, end: found.end! - 1, rate: (step) => found.rate(step + 1), offset: 1 };
}
