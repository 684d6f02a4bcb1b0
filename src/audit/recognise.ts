import { basesOf, firstMisfit } from "./case.ts";
import { triangle, warmRestarts } from "./families/cycles.ts";
import { exponential, inverseRoot } from "./families/decays.ts";
import { type Found, inSteps, PLAIN, plain } from "./families/found.ts";
import { asFound } from "./families/curve.ts";
import { smooth } from "./families/smooth.ts";
import { constant, stairs } from "./families/stairs.ts";
import { shifted, wave } from "./families/waves.ts";
import { rising, risingCosine } from "./families/ramps.ts";
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

/** A curve that moves at every step. */
function curveOf(log: RateLog): Found | null {
  const found = exponential(log) ?? inverseRoot(log) ?? warmRestarts(log) ?? triangle(log);
  if (found !== null) return found;
  const curve = smooth(log);
  return curve === null ? rising(log) ?? risingCosine(log) ?? wave(log) ?? shifted(log) : asFound(curve);
}

/** A curve whose rate is held for an epoch, or for as many steps as the log shows. */
function heldCurve(log: RateLog, stepsPerEpoch: number | null): Found | null {
  for (const held of new Set([...(stepsPerEpoch === null ? [] : [stepsPerEpoch]), ...heldIn(log)])) {
    if (held < 2 || held !== stepsPerEpoch && held <= log.every || held > log.steps.at(-1)! / 2) continue;
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
