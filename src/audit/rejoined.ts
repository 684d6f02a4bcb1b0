import type { Found } from "./families/found.ts";
import type { RateLog } from "./log.ts";
import { recognise } from "./recognise.ts";

/** A schedule that gives a log of which the part after a break is put back to where it stands in its course. */
export interface Rejoined {
  readonly found: Found;
  /** Steps by which the part after the break is behind; below 0 for ahead. */
  readonly lost: number;
  readonly isFromStart: boolean;
  readonly rate: (step: number) => number;
}

/** Moves that are tried, from the likeliest on, of those that are looked at. */
const [TRIED, MOST_MOVES] = [10, 20_000];
/** Points after a break that are needed, so that a move is none of chance. */
const LEAST_AFTER = 4;
/** Relative error beyond which a schedule that was found before a break says nothing of what comes after it. */
const FAR = 0.2;
/** Part of the later points, the nearest, by which a move is judged. */
const USED = 0.5;

/**
 * Looks for the schedule in both parts of a log at once: few points before a break leave its parameters open, and all of
 * them, moved to where they belong, may not. The move is guessed from what the points before the break say.
 *
 * @param at index of the last point before the break.
 * @param before the schedule that was recognised up to there; `null` for none, where only a second start is looked for.
 */
export function rejoined(
  log: RateLog,
  { at, before, stepsPerEpoch }: {
    readonly at: number;
    readonly before: Found | null;
    readonly stepsPerEpoch: number | null;
  },
): Rejoined | null {
  if (at + LEAST_AFTER >= log.steps.length) return null;
  const moves = before === null ? startsOf(log, at, stepsPerEpoch ?? 1) : movesOf(log, at, before);
  for (const { move, isFromStart } of moves) {
    const found = recognise(moved(log, at, move), stepsPerEpoch);
    if (found === null || found.family === "constant") continue;
    const rate = (step: number) => found.rate(step <= log.steps[at]! ? step : step - move);
    return { found, lost: move, isFromStart, rate };
  }
  return before === null ? null : scaled(log, at, before, stepsPerEpoch);
}

/** The later part as the same course on another scale, above its minimum: PyTorch's chained forms from a new optimizer. */
function scaled(log: RateLog, at: number, before: Found, stepsPerEpoch: number | null): Rejoined | null {
  const first = log.steps[at + 1]!;
  for (const low of new Set([0, before.end === null ? 0 : before.rate(Math.ceil(before.end))])) {
    const times = (log.rates[at + 1]! - low) / (before.rate(first) - low);
    if (!(times > 0 && times < Infinity) || Math.abs(times - 1) < 0.005) continue;
    const stretched = (values: readonly number[], from: number) =>
      values.map((value, i) => i <= at ? from + times * (value - from) : value);
    const whole = { ...log, rates: stretched(log.rates, low), tolerances: stretched(log.tolerances, 0) };
    const found = recognise(whole, stepsPerEpoch);
    if (found === null || found.family === "constant") continue;
    const rate = (step: number) => step < first ? low + (found.rate(step) - low) / times : found.rate(step);
    return { found, lost: 0, isFromStart: false, rate };
  }
  return null;
}

/** Moves that put the later part's first point where the earlier part has its rate. */
function startsOf({ steps, rates }: RateLog, at: number, stepsPerEpoch: number): Move[] {
  const [last, first, rate] = [steps[at]!, steps[at + 1]!, rates[at + 1]!];
  const places = Array.from({ length: at }, (_, k) => {
    const [from, to] = [rates[k]!, rates[k + 1]!];
    const share = (rate - from) / (to - from);
    return share >= (k === 0 ? -2 : -0.5) && share <= 1.5
      ? steps[k]! + share * (steps[k + 1]! - steps[k]!)
      : NaN;
  }).filter((place) => place > -NEAR && place < first - last + NEAR);
  const moves = places.flatMap((place) =>
    Array.from(
      { length: 2 * NEAR + 1 },
      (_, k) => first - Math.round(place) + (k % 2 === 0 ? 1 : -1) * ((k + 1) >> 1),
    )
  );
  const whole = first - (first % stepsPerEpoch);
  return [...new Set([...(whole > last ? [whole] : []), ...moves])]
    .filter((move) => move > last && move <= first)
    .map((move) => ({ move, isFromStart: true, error: 0 }));
}
/** Steps around a place between two points of a curve. */
const NEAR = 3;

interface Move {
  readonly move: number;
  readonly isFromStart: boolean;
  readonly error: number;
}

/** Moves of the later part by whole calls, those first that bring it nearest to the earlier schedule. */
function movesOf(log: RateLog, at: number, { rate, held }: Found): Move[] {
  const { steps, rates } = log;
  const [last, first] = [steps[at]!, steps[at + 1]!];
  const peak = rates.reduce((most, one) => Math.max(most, one), 0);
  const errorOf = (move: number): number => {
    const errors = Array.from({ length: steps.length - at - 1 }, (_, k) => {
      const logged = rates[at + 1 + k]!;
      return ((rate(Math.max(0, steps[at + 1 + k]! - move)) - logged) / Math.max(logged, 1e-2 * peak)) ** 2;
    }).sort((a, b) => a - b);
    // How it goes on past its end the points before the break do not say.
    const used = errors.slice(0, Math.ceil(USED * errors.length));
    return Math.sqrt(used.reduce((sum, one) => sum + one, 0) / used.length);
  };
  const found: Move[] = [];
  // From the start between the two points, back within the course, or ahead of it.
  const stride = held * Math.ceil(2 * first / held / MOST_MOVES);
  for (let move = first - (first % held); move > -first; move -= stride) {
    if (move === 0) continue;
    const error = errorOf(move);
    if (error < FAR) found.push({ move, isFromStart: move >= last, error });
  }
  return found.sort((a, b) => a.error - b.error).slice(0, TRIED);
}

/** The points with those after a break moved, in the order of their steps. */
function moved(log: RateLog, at: number, move: number): RateLog {
  const places = log.steps.map((step, i) => i <= at ? step : step - move);
  const order = places.map((_, i) => i).sort((a, b) => places[a]! - places[b]!);
  return {
    ...log,
    steps: order.map((i) => places[i]!),
    rates: order.map((i) => log.rates[i]!),
    tolerances: order.map((i) => log.tolerances[i]!),
  };
}
