import { toleranceOf } from "./tolerance.ts";

/** A learning rate as a run logged it. */
export interface RatePoint {
  /** The log's own number of the step. */
  readonly step: number;
  readonly rate: number;
}

/** The usable points of a log, in the order of their steps, and what was left out of it. */
export interface RateLog {
  /** Steps in rising order, each once. */
  readonly steps: readonly number[];
  readonly rates: readonly number[];
  /** The error of each rate that its own rounding allows. */
  readonly tolerances: readonly number[];
  /** Steps between two points where all are equally far apart, else the median distance. */
  readonly every: number;
  /** True where the steps may be counted from 1, so that step 1 is the first. */
  readonly mayCountFromOne: boolean;
  /** Steps at which the log goes back and continues: a run that was resumed. */
  readonly resumedAt: readonly number[];
  /** One sentence for each thing that was left out or is odd. */
  readonly notes: readonly string[];
}

/** Steps are exact up to here. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * The points of a log that can be used. Points without a finite rate or a whole step >= 0 are left out; where the steps
 * go back, the log is taken for one of a run that was resumed there, and the later points replace the earlier ones; of
 * neighbours with the same step the last counts. Each of these gives a note.
 */
export function rateLog(points: Iterable<RatePoint>): RateLog {
  const kept: RatePoint[] = [];
  const resumedAt: number[] = [];
  let [notFinite, notWhole, repeated, replaced] = [0, 0, 0, 0];
  for (const point of points) {
    if (!Number.isFinite(point.rate)) notFinite++;
    else if (!(Number.isInteger(point.step) && point.step >= 0 && point.step <= MOST)) notWhole++;
    else {
      const last = kept.at(-1);
      if (last !== undefined && last.step === point.step) {
        kept.pop();
        repeated++;
      } else if (last !== undefined && last.step > point.step) {
        while (kept.length > 0 && kept.at(-1)!.step >= point.step) {
          kept.pop();
          replaced++;
        }
        resumedAt.push(point.step);
      }
      kept.push(point);
    }
  }
  const steps = kept.map(({ step }) => step);
  const rates = kept.map(({ rate }) => rate);
  const { every, unequal } = spacing(steps);
  return {
    steps,
    rates,
    tolerances: toleranceOf(rates),
    every,
    // Updates counted from 0 show as 0, k, 2k, … or, logged after every k, as k − 1, 2k − 1, …
    mayCountFromOne: steps.length > 0 && steps[0]! >= 1 && (steps[0]! + 1) % every !== 0 ||
      every === 1 && steps[0]! >= 1,
    resumedAt,
    notes: [
      ...left(notFinite, "has a rate that is not a finite number", "have rates that are not finite numbers"),
      ...left(notWhole, "has a step that is not a whole number", "have steps that are not whole numbers"),
      ...(repeated === 0
        ? []
        : [`${counted(repeated, "step")} logged twice in a row: the last rate counts.`]),
      ...resumesText(resumedAt, replaced),
      ...(unequal ? [`The steps are not equally far apart (median ${every}).`] : []),
    ],
  };
}

const counted = (count: number, noun: string) => count === 1 ? `1 ${noun} is` : `${count} ${noun}s are`;

function left(count: number, one: string, several: string): string[] {
  if (count === 0) return [];
  return [count === 1 ? `1 point is left out: it ${one}.` : `${count} points are left out: they ${several}.`];
}

/** Goes back from which on the steps are more likely those of an epoch than of resumes. */
const MANY_RESUMES = 3;

function resumesText(resumedAt: readonly number[], replaced: number): string[] {
  const [first] = resumedAt;
  if (first === undefined) return [];
  const points = `${replaced} earlier ${replaced === 1 ? "point" : "points"}`;
  if (resumedAt.length === 1) {
    return [`The log goes back to step ${first}, as after a resume: ${points} from there on are replaced.`];
  }
  const isEpoch = resumedAt.length >= MANY_RESUMES && resumedAt.every((step) => step === first);
  return [
    `The log goes back ${resumedAt.length} times, first to step ${first}, as after resumes: ${points} are replaced.` +
    (isEpoch ? " Are its steps counted anew in each epoch? Then log those of the whole run." : ""),
  ];
}

/** The median distance of neighbours, and whether any differs from it. */
function spacing(steps: readonly number[]): { every: number; unequal: boolean } {
  const gaps = steps.slice(1).map((step, index) => step - steps[index]!).sort((a, b) => a - b);
  if (gaps.length === 0) return { every: 1, unequal: false };
  const every = gaps[Math.floor(gaps.length / 2)]!;
  return { every, unequal: gaps[0] !== every || gaps.at(-1) !== every };
}

/** A log of some of the points, for what would cost too much on all: at most `most`, the first and last among them. */
export function thinned(log: RateLog, most: number): RateLog {
  const { steps } = log;
  if (steps.length <= most) return log;
  const at = [
    ...new Set(Array.from({ length: most }, (_, k) => Math.round(k * (steps.length - 1) / (most - 1)))),
  ];
  return {
    ...log,
    steps: at.map((i) => steps[i]!),
    rates: at.map((i) => log.rates[i]!),
    tolerances: at.map((i) => log.tolerances[i]!),
  };
}

/** Every k-th point of a long log, so that at most `most` are left. */
export function strided(log: RateLog, most: number): RateLog {
  const stride = Math.ceil(log.steps.length / most);
  if (stride <= 1) return log;
  const pick = (values: readonly number[]) => values.filter((_, i) => i % stride === 0);
  return {
    ...log,
    steps: pick(log.steps),
    rates: pick(log.rates),
    tolerances: pick(log.tolerances),
    every: log.every * stride,
  };
}

/** The points from one index to another, the second not included. */
export const sliced = (log: RateLog, from: number, to = log.steps.length): RateLog => ({
  ...log,
  steps: log.steps.slice(from, to),
  rates: log.rates.slice(from, to),
  tolerances: log.tolerances.slice(from, to),
});
