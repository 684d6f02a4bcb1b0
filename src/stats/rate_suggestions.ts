import { type LevelPoint, type Levels, levelsOf, type RangeCurve } from "./range_levels.ts";

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

export interface SuggestionOptions {
  /** Steps of the whole ramp, those that divergence left out included. */
  readonly plannedSteps: number;
  /** Loss of guessing: ln of the number of classes, in nats. Infinity if not given. */
  readonly guessing?: number;
}

/**
 * A fall counts from this many standard errors of a level on: the lowest of many levels lies some below the first one by
 * chance, in 1 of 100 ramps without any fall by 5.2 to 7.3 (60 to 200 steps; normal, uniform and exponential noise).
 */
const NOISE_FACTOR = 7;
/** Slide: the loss has turned up where it is above its lowest level by this share of its fall. */
const TURNED_UP = 0.1;

/** The part of a curve that rules look at. */
interface Fall {
  /** From the first whole window on. */
  readonly points: readonly LevelPoint[];
  /** Level of the first window, or the loss of guessing where that is lower. */
  readonly start: number;
  /** Index of the lowest level. */
  readonly lowest: number;
  /** True where the ramp ran to its end; losses beyond it are unknown then. */
  readonly whole: boolean;
}

/**
 * A rate by each rule, from loss and slope in windows (see {@link levelsOf}); the ideas are those of fastai's `lr_find`,
 * which reads them off single smoothed losses. No rule answers where the loss does not fall by more than seven standard
 * errors of a level.
 *
 * A network that starts with a loss above that of guessing first unlearns what its last layer happens to say, at rates at
 * which it learns nothing else. That fall is no sign of a good rate: only levels below `guessing` count.
 *
 * - valley: half-way down the fall from the first level to the lowest one, in nats
 * - steepest: where the loss falls fastest against the logarithm of the rate, up to the lowest level
 * - minimum_tenth: a tenth of the rate with the lowest level
 * - slide: the last rate before the loss is up again by a tenth of its fall and stays there (medians of nine losses)
 *
 * @throws {TypeError} where rates and losses differ in number.
 *
 * @example A loss that falls up to a rate of 1 and then explodes
 * ```ts
 * import assert from "node:assert/strict";
 * import { suggestRates } from "#stats/rate_suggestions.ts";
 *
 * const rates = Array.from({ length: 100 }, (_, step) => 1e-5 * 10 ** (6 * step / 99));
 * const losses = rates.map((rate) => 2.3 - Math.log1p(30 * rate) + Math.max(0, rate - 1) ** 2);
 * const { valley, minimum_tenth } = suggestRates({ rates, losses }, { plannedSteps: 100 });
 * assert.ok(valley.rate! > 1e-2 && valley.rate! < 1);
 * assert.ok(minimum_tenth.rate! > 0.05 && minimum_tenth.rate! < 0.5);
 * ```
 */
export function suggestRates(
  curve: RangeCurve,
  { plannedSteps, guessing = Infinity }: SuggestionOptions,
): Record<Rule, Suggestion> {
  const levels = levelsOf(curve, plannedSteps);
  const whole = curve.losses.length === plannedSteps && curve.losses.every(Number.isFinite);
  const fall = typeof levels === "string" ? levels : fallOf(levels, { whole, guessing });
  const by = (rule: (fall: Fall) => Suggestion) => typeof fall === "string" ? none(fall) : rule(fall);
  return { valley: by(valley), steepest: by(steepest), minimum_tenth: by(minimumTenth), slide: by(slide) };
}

function fallOf(
  { points: all, noise }: Levels,
  { whole, guessing }: { whole: boolean; guessing: number },
): Fall | string {
  const points = all.slice(all.findIndex(({ slope }) => slope !== null));
  const start = Math.min(points[0]!.level, guessing);
  const lowest = indexOfLeast(points.map(({ level }) => level));
  return start - points[lowest]!.level > NOISE_FACTOR * noise
    ? { points, start, lowest, whole }
    : "the loss does not fall by more than its noise";
}

function valley({ points, start, lowest }: Fall): Suggestion {
  const middle = (start + points[lowest]!.level) / 2;
  const above = points.slice(0, lowest).findLastIndex(({ level }) => level >= middle);
  return some(points[Math.max(0, above)]!.rate);
}

function steepest({ points, start, lowest }: Fall): Suggestion {
  const slopes = points.slice(0, lowest + 1).map(({ level, slope }) => level <= start ? slope : null);
  return some(points[indexOfLeast(slopes.map((slope) => slope ?? Infinity))]!.rate);
}

function minimumTenth({ points, lowest, whole }: Fall): Suggestion {
  return whole && lowest === points.length - 1
    ? none("the loss was still falling where the ramp ended, so its minimum is not known")
    : some(points[lowest]!.rate / 10);
}

function slide({ points, start, lowest, whole }: Fall): Suggestion {
  const floor = points[lowest]!.level;
  const last = points.findLastIndex(({ near }) => near <= floor + TURNED_UP * (start - floor));
  return whole && last === points.length - 1
    ? none("the loss did not turn up before the ramp's end")
    : some(points[Math.max(last, lowest)]!.rate);
}

/** The first of equal ones. */
function indexOfLeast(values: readonly number[]): number {
  return values.reduce((least, value, i) => value < values[least]! ? i : least, 0);
}

const some = (rate: number): Suggestion => ({ rate, reason: null });
const none = (reason: string): Suggestion => ({ rate: null, reason });
