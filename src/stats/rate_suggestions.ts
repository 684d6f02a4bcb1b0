import { movingAverage } from "#lib/moving_average.ts";

/** Rules that read a rate off the curve of an LR range test. */
export const RULES = ["valley", "steepest", "minimum_tenth", "slide"] as const;
export type Rule = typeof RULES[number];

/** Names of the rules in text. */
export const RULE_NAMES: Readonly<Record<Rule, string>> = {
  valley: "valley",
  steepest: "steepest descent",
  minimum_tenth: "minimum / 10",
  slide: "slide",
};

/** A rate read off one curve by one rule, or the reason why there is none. */
export type Suggestion =
  | { readonly rate: number; readonly reason: null }
  | { readonly rate: null; readonly reason: string };

/** The measurements of an LR range test, step by step, in order. */
export interface RangeCurve {
  /** Rising, above 0. */
  readonly rates: readonly number[];
  /** Loss (nats) of each step's batch, before the step; a last one that is not finite is passed over. */
  readonly losses: readonly number[];
}

export interface SuggestionOptions {
  /** Weight β of the past in the smoothed loss, in [0, 1). */
  readonly smoothing: number;
  /** Steps of the whole ramp, those that divergence left out included. */
  readonly plannedSteps: number;
}

/** fastai's margins: the first tenth of the ramp, where little has been smoothed yet, and the last five steps. */
const LEFT_OUT_AT_START = 0.1;
const LEFT_OUT_AT_END = 5;
/** fastai's slide: distance of the two points in steps, and the difference of their slopes in nats a step. */
const SLIDE_DISTANCE = 15;
const SLIDE_THRESHOLD = 0.005;
/** A fall counts from this many standard errors on: the lowest of many points lies one or two below by chance. */
const NOISE_FACTOR = 4;

/** The part of a curve that rules look at: rates, smoothed losses. Both have the same length, at least 2. */
interface Part {
  readonly rates: readonly number[];
  readonly losses: readonly number[];
  /** Index of the lowest smoothed loss. */
  readonly lowest: number;
  /** True where the ramp ran to its end; losses beyond it are unknown then. */
  readonly whole: boolean;
}

/**
 * A rate by each rule, from the loss smoothed by {@link movingAverage}, without its first tenth and last five steps,
 * as fastai's `lr_find` does. No rule answers where the smoothed loss does not fall by more than noise: four standard
 * errors of a difference of two such averages, the noise of a loss taken from differences of neighbours.
 *
 * The loss at a rate was measured before its step, and a smoothed loss lags behind by β/(1 − β) steps, so what is
 * read off lies a little to the right of what happened.
 *
 * @throws {RangeError} for a smoothing outside [0, 1). @throws {TypeError} where rates and losses differ in number.
 * @see fastai `callback/schedule.py` (`lr_find`, `valley`, `steep`, `minimum`, `slide`)
 *
 * @example A loss that falls up to a rate of 1 and then explodes
 * ```ts
 * import assert from "node:assert/strict";
 * import { suggestRates } from "#stats/rate_suggestions.ts";
 *
 * const rates = Array.from({ length: 100 }, (_, step) => 1e-5 * 10 ** (6 * step / 99));
 * const losses = rates.map((rate) => 2.3 - Math.log1p(30 * rate) + Math.max(0, rate - 1) ** 2);
 * const { valley, minimum_tenth } = suggestRates({ rates, losses }, { smoothing: 0.9, plannedSteps: 100 });
 * assert.ok(valley.rate! > 1e-3 && valley.rate! < 1);
 * assert.ok(minimum_tenth.rate! > 0.1 && minimum_tenth.rate! < 1);
 * ```
 */
export function suggestRates(curve: RangeCurve, options: SuggestionOptions): Record<Rule, Suggestion> {
  const found = partOf(curve, options);
  const by = (rule: (part: Part) => Suggestion) => typeof found === "string" ? none(found) : rule(found);
  return { valley: by(valley), steepest: by(steepest), minimum_tenth: by(minimumTenth), slide: by(slide) };
}

/**
 * The longest valley: of the longest strictly falling subsequence of the losses, which has n points and ends at e, the
 * rate at index s + ⌊(e − s)/3⌋ + ⌊(e − s)/6⌋ with s = e − n, about half of the way down.
 *
 * These are the steps of fastai's code; its documentation speaks of two thirds of the way. The first of several longest
 * ones is taken.
 */
function valley({ rates, losses }: Part): Suggestion {
  // fallingTo[i]: points of the longest falling subsequence that ends at i.
  const fallingTo = losses.map(() => 1);
  let end = 0;
  for (let i = 1; i < losses.length; i++) {
    for (let before = 0; before < i; before++) {
      if (losses[i]! < losses[before]!) fallingTo[i] = Math.max(fallingTo[i]!, fallingTo[before]! + 1);
    }
    if (fallingTo[i]! > fallingTo[end]!) end = i;
  }
  const points = fallingTo[end]!;
  const index = end - points + Math.floor(points / 3) + Math.floor(points / 6);
  return some(rates[Math.max(0, index)]!);
}

/** The rate at which the smoothed loss falls fastest against the logarithm of the rate: the left end of the steepest piece. */
function steepest({ rates, losses }: Part): Suggestion {
  const slopes = rates.slice(1).map((rate, i) =>
    (losses[i + 1]! - losses[i]!) / (Math.log(rate) - Math.log(rates[i]!))
  );
  return some(rates[slopes.indexOf(Math.min(...slopes))]!);
}

/** A tenth of the rate at which the smoothed loss is lowest. */
function minimumTenth({ rates, lowest, whole }: Part): Suggestion {
  if (whole && lowest === rates.length - 1) {
    return none("the loss was still falling where the ramp ended, so its minimum is not known");
  }
  return some(rates[lowest]! / 10);
}

/**
 * fastai's slide rule: two points 15 steps apart slide from the curve's end to the left for as long as the slopes
 * there (central differences, nats a step) differ by more than 0.005; the rate is that of the left point at the last
 * place where they did. It walks down from the explosion to where the loss still behaves the same over a stretch. Where
 * they are alike at once, because the explosion fell into the steps that are left out, it is that of the first left
 * point.
 */
function slide({ rates, losses, whole }: Part): Suggestion {
  const last = losses.length - 1;
  if (last < SLIDE_DISTANCE) {
    return none(`the rule needs ${SLIDE_DISTANCE + 1} steps, and the curve has ${last + 1}`);
  }
  const slope = (i: number) => {
    const [from, to] = [Math.max(0, i - 1), Math.min(last, i + 1)];
    return (losses[to]! - losses[from]!) / (to - from);
  };
  let left = last - SLIDE_DISTANCE;
  while (left >= 0 && Math.abs(slope(left + SLIDE_DISTANCE) - slope(left)) > SLIDE_THRESHOLD) left--;
  if (left < last - SLIDE_DISTANCE) return some(rates[left + 1]!);
  return whole
    ? none("the slope does not change near the ramp's end: the loss did not turn up before it")
    : some(rates[left]!);
}

/** The part of a curve that rules read, smoothed; a sentence where nothing can be read. */
function partOf(
  { rates, losses }: RangeCurve,
  { smoothing, plannedSteps }: SuggestionOptions,
): Part | string {
  if (rates.length !== losses.length) {
    throw new TypeError(`Cannot read a curve of ${rates.length} rates and ${losses.length} losses`);
  }
  const average = movingAverage(smoothing);
  const finite = losses.findIndex((loss) => !Number.isFinite(loss));
  const measured = losses.slice(0, finite === -1 ? losses.length : finite);
  const from = Math.floor(LEFT_OUT_AT_START * plannedSteps);
  const to = measured.length - LEFT_OUT_AT_END;
  if (to - from < 2) {
    return `${measured.length} of ${plannedSteps} steps were measured, too few to read a rate off`;
  }
  const smoothed = measured.map(average);
  const kept = smoothed.slice(from, to);
  const lowest = kept.indexOf(Math.min(...kept));
  const fall = kept[0]! - kept[lowest]!;
  const noise = spreadOf(measured.slice(0, from + lowest + 1)) *
    Math.hypot(shareOfNoise(smoothing, from + 1), shareOfNoise(smoothing, from + lowest + 1));
  if (fall <= NOISE_FACTOR * noise) return "the loss does not fall by more than its noise";
  return { rates: rates.slice(from, to), losses: kept, lowest, whole: measured.length === plannedSteps };
}

/** Standard deviation of the noise of a series with a slow trend: of differences of neighbours, over √2. */
function spreadOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const squares = values.slice(1).reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0);
  return Math.sqrt(squares / (2 * (values.length - 1)));
}

/** Standard deviation of the bias-corrected average of n independent values, as a share of theirs. */
function shareOfNoise(beta: number, n: number): number {
  return Math.sqrt(((1 - beta) * (1 + beta ** n)) / ((1 + beta) * (1 - beta ** n)));
}

const some = (rate: number): Suggestion => ({ rate, reason: null });
const none = (reason: string): Suggestion => ({ rate: null, reason });
