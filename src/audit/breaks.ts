import type { Found } from "./families/found.ts";
import { type RateLog, sliced } from "./log.ts";
import type { Lone } from "./lone.ts";
import type { Plan } from "./plan.ts";
import { recognise } from "./recognise.ts";
import { resetAt, resumesOf } from "./defects/resumes.ts";

/** Places that are looked at. */
const PLACES = 3;
const LEAST_BEFORE = 6;

/** A schedule that was recognised up to a break, and where it goes on after it. */
export interface Broken {
  readonly found: Found;
  readonly resume: NonNullable<Lone["resume"]>;
  readonly rate: (step: number) => number;
}

/** The schedule of a log whose curve has a break, as after a resume; `null` where no part of it is recognised. */
export function acrossBreak(log: RateLog, stepsPerEpoch: number | null, total: number): Broken | null {
  for (const at of placesOf(log)) {
    const found = recognise(sliced(log, 0, at + 1), stepsPerEpoch);
    if (found === null || found.family === "constant") continue;
    const plan = planLike(found, total, stepsPerEpoch);
    const resumes = resumesOf({ log, plan });
    if (resumes === null) {
      const reset = resetAt({ log, plan });
      if (reset === null) continue;
      return { found, resume: { from: log.steps[at + 1]!, lost: 0, isFromStart: false }, rate: reset.rate };
    }
    const [first] = resumes as readonly [(typeof resumes)[number]];
    const rate = (step: number) => (resumes.findLast(({ from }) => from <= step)?.rate ?? found.rate)(step);
    return {
      found,
      resume: { from: first.from, lost: Math.round(first.lost * found.held), isFromStart: first.isFromStart },
      rate,
    };
  }
  return null;
}

/** Indices before the sharpest jumps, by how much larger each is than its neighbours. */
function placesOf({ rates, tolerances }: RateLog): number[] {
  const change = (i: number) => Math.abs((rates[i + 1] ?? NaN) - rates[i]!);
  const sharpness = (i: number) => {
    const around = Math.max(change(i - 1), change(i + 1) || 0, 4 * tolerances[i]!);
    return change(i) / around;
  };
  const inner = rates.flatMap((_, i) =>
    i >= LEAST_BEFORE - 1 && i + 3 < rates.length && change(i) > 4 * tolerances[i]! ? [i] : []
  );
  return inner.sort((a, b) => sharpness(b) - sharpness(a)).slice(0, PLACES);
}

/** What was recognised, as a plan. */
function planLike(found: Found, total: number, stepsPerEpoch: number | null): Plan {
  const unit = found.held;
  return {
    spec: found.spec ?? { name: "custom" },
    shape: { totalSteps: total, stepsPerEpoch: stepsPerEpoch ?? 1 },
    rate: found.rate,
    unit,
    isInEpochs: false,
    after: (calls) => found.rate(calls * unit),
    warmup: found.warmup / unit,
    end: found.end === null ? null : found.end / unit,
    withEnd: [],
    otherWarmups: [],
    feedback: null,
  };
}
