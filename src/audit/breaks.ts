import { firstMisfit } from "./case.ts";
import { type Found, inSteps } from "./families/found.ts";
import { type RateLog, sliced } from "./log.ts";
import type { Lone } from "./lone.ts";
import type { Plan } from "./plan.ts";
import { recognise } from "./recognise.ts";
import { rejoined } from "./rejoined.ts";
import { resetAt, resumesOf } from "./defects/resumes.ts";

/** Places that are looked at. */
const PLACES = 3;
const LEAST_BEFORE = 6;
/** Points before a break that say where a second start stands among them. */
const LEAST_OF_A_START = 3;
/** Times that a beginning is lengthened. */
const ROUNDS = 40;
/** Other sizes of a stair, to each side, that are tried. */
const MOST_SIZES = 100;
/** Part of the highest rate by which a break stands out. */
const LEAST_JUMP = 2e-3;
/** Moves of a rate by which a curve is distinguished from a line between two levels. */
const LEAST_MOVES = 3;
/** Of these the last ones are looked at. */
const GROWN = 3;

/** A schedule that was recognised up to a break, and where it goes on after it. */
export interface Broken {
  readonly found: Found;
  readonly resume: NonNullable<Lone["resume"]>;
  /** Breaks that it takes to explain the log. */
  readonly breaks: number;
  readonly rate: (step: number) => number;
}

/** The schedule of a log whose curve has a break, as after a resume; `null` where no part of it is recognised. */
export function acrossBreak(log: RateLog, stepsPerEpoch: number | null, total: number): Broken | null {
  const beginnings = [...beginningsOf(log, stepsPerEpoch)];
  const found = beginnings.flatMap(({ found }) =>
    variantsOf(found, log).flatMap((one) =>
      brokenIn(one, { log, plan: planLike(one, { log, total, stepsPerEpoch }) })
    )
  );
  // The fewest breaks explain most; of one, the first step is seldom another by chance.
  const [best] = found.sort((a, b) =>
    a.breaks - b.breaks || Number(b.resume.isFromStart) - Number(a.resume.isFromStart)
  );
  if (best !== undefined) return best;
  for (
    const { at, before } of [
      ...beginnings.map(({ at, found }) => ({ at, before: found })),
      ...placesOf(log, LEAST_OF_A_START).map((at) => ({ at, before: null })),
    ]
  ) {
    const both = rejoined(log, { at, before, stepsPerEpoch });
    if (both === null) continue;
    const { lost, isFromStart, rate } = both;
    const resume = {
      from: log.steps[at + 1]!,
      lost,
      isFromStart,
      isPastEnd: isPast(both.found, log.steps[at + 1]!, log),
    };
    return { found: both.found, resume, breaks: 1, rate };
  }
  return null;
}

/** The breaks in a log of a schedule that gives its beginning; empty where resumes do not explain the rest. */
function brokenIn(found: Found, given: { readonly log: RateLog; readonly plan: Plan }): Broken[] {
  const { log } = given;
  const resumes = resumesOf(given);
  if (resumes === null) {
    const reset = resetAt(given);
    if (reset === null) return [];
    const from = log.steps[firstMisfit(log, found.rate)]!;
    return [{
      found,
      resume: { from, lost: 0, isFromStart: false, isPastEnd: false },
      breaks: 1,
      rate: reset.rate,
    }];
  }
  const [first] = resumes as readonly [(typeof resumes)[number]];
  // Parameters that few points leave open drift away from a log by themselves.
  const at = log.steps.indexOf(first.from);
  const peak = log.rates.reduce((most, one) => Math.max(most, one), 0);
  if (Math.abs(found.rate(first.from) - log.rates[at]!) < LEAST_JUMP * peak) return [];
  const rate = (step: number) => (resumes.findLast(({ from }) => from <= step)?.rate ?? found.rate)(step);
  const { from, before } = first;
  const lost = Math.round(first.lost * found.held);
  const resume = {
    from,
    lost,
    // Where steps count from 1, the first one comes a step later than the schedule's own.
    isFromStart: first.isFromStart || lost >= before,
    isPastEnd: isPast(found, from, log),
  };
  return [{ found, resume, breaks: resumes.length, rate }];
}

/** True where the schedule had come to its end by a step: what begins again then is a cycle. */
const isPast = ({ end, held }: Found, step: number, { every }: RateLog): boolean =>
  end !== null && step >= end - held - every;

/** A schedule that gives the beginning of a log, and the index of the last point that it gives. */
interface Beginning {
  readonly at: number;
  readonly found: Found;
}

/** The beginnings of the log up to its sharpest jumps, and the whole of it. */
function* beginningsOf(log: RateLog, stepsPerEpoch: number | null): Generator<Beginning> {
  const places = placesOf(log);
  for (const at of places) {
    const found = recognise(sliced(log, 0, at + 1), stepsPerEpoch);
    if (found !== null && isShown(found, log, at)) yield { at, found };
  }
  for (const one of growingBeginnings(log, stepsPerEpoch)) if (!places.includes(one.at)) yield one;
}

/** True for a schedule whose course shows: one point off a flat part is the beginning of any descent. */
function isShown({ family }: Found, { rates, tolerances }: RateLog, at: number): boolean {
  if (family === "constant") return false;
  if (!/cosine|linear|polynomial|decay|cycle/.test(family)) return true;
  const isMove = (i: number) => i > 0 && i <= at && Math.abs(rates[i]! - rates[i - 1]!) > tolerances[i]!;
  return rates.filter((_, i) => isMove(i)).length >= LEAST_MOVES;
}

/** Points by which a beginning is lengthened at once: two or three past a peak are no schedule yet. */
const AHEAD = [1, 2, 3, 4];

/**
 * The longest beginnings that are recognised, the longest first: a schedule of the first points is followed to where the
 * log leaves it, and looked for again with the points there, which say more about its parameters. The very longest may
 * have taken a point past the break for its own.
 */
function growingBeginnings(log: RateLog, stepsPerEpoch: number | null): Beginning[] {
  const upTo = (count: number) => recognise(sliced(log, 0, count), stepsPerEpoch);
  const grown: Beginning[] = [];
  let from = LEAST_BEFORE;
  for (let round = 0; round < ROUNDS && from < log.steps.length; round++) {
    let found: Found | null = null;
    for (const more of AHEAD) {
      found = from + more - 1 < log.steps.length ? upTo(from + more - 1) : null;
      if (found !== null) break;
    }
    // Few points of a curve may be of none.
    if (found === null && grown.length === 0 && from < log.steps.length / 2) {
      from += Math.max(2, from >> 1);
      continue;
    }
    if (found === null) break;
    const end = firstMisfit(log, found.rate);
    if (end < from || end >= log.steps.length) break;
    grown.push({ at: end - 1, found });
    from = end + 1;
  }
  return grown.slice(-GROWN).reverse().filter(({ found, at }) => isShown(found, log, at));
}

/** A schedule and those that give its points as well: of a stair whose drops lie between logged steps, the other sizes. */
function variantsOf(found: Found, log: RateLog): Found[] {
  if (found.family !== "step") return [found];
  const { lr = 0, gamma = 0, step_size: size = 0 } = found.parameters;
  const others = Array.from(
    { length: 2 * Math.min(MOST_SIZES, log.every) },
    (_, k) => size + (k % 2 === 0 ? 1 : -1) * ((k >> 1) + 1),
  );
  return [
    found,
    ...others.filter((one) => one > 1).map((one): Found => ({
      ...found,
      spec: found.spec && { ...found.spec, step_size: inSteps(one) },
      rate: (step) => lr * gamma ** Math.floor(step / one),
      parameters: { ...found.parameters, step_size: one },
    })),
  ];
}

/** Indices before the sharpest jumps, by how much larger each is than its neighbours. */
function placesOf({ rates, tolerances }: RateLog, least = LEAST_BEFORE): number[] {
  const change = (i: number) => Math.abs((rates[i + 1] ?? NaN) - rates[i]!);
  const sharpness = (i: number) => {
    const around = Math.max(change(i - 1), change(i + 1) || 0, 4 * tolerances[i]!);
    return change(i) / around;
  };
  const inner = rates.flatMap((_, i) =>
    i >= least - 1 && i + 3 < rates.length && change(i) > 4 * tolerances[i]! ? [i] : []
  );
  return inner.sort((a, b) => sharpness(b) - sharpness(a)).slice(0, PLACES);
}

/** The recognised schedule, as a plan. A line may have ended anywhere below the points that show it. */
function planLike(
  found: Found,
  { log, total, stepsPerEpoch }: {
    readonly log: RateLog;
    readonly total: number;
    readonly stepsPerEpoch: number | null;
  },
): Plan {
  const unit = found.held;
  const last = log.rates.at(-1)!;
  const isHeld = found.family.includes("linear") && log.rates.at(-2) === last && log.rates.at(-3) === last;
  const rate: Found["rate"] = isHeld
    ? (step) => step > found.warmup ? Math.max(found.rate(step), last) : found.rate(step)
    : found.rate;
  return {
    spec: found.spec ?? { name: "custom" },
    shape: { totalSteps: total, stepsPerEpoch: stepsPerEpoch ?? 1 },
    rate,
    unit,
    isInEpochs: false,
    after: (calls) => rate(calls * unit),
    warmup: found.warmup / unit,
    end: found.end === null ? null : found.end / unit,
    withEnd: [],
    otherWarmups: [],
    feedback: null,
  };
}
