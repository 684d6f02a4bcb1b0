import type { ScheduleSpec } from "../schedules/schedule.ts";

/** A point of a line of straight pieces: time as a share of the run, 0 to 1, and the rate as a share of the peak. */
export interface Knot {
  readonly at: number;
  readonly rate: number;
}

export interface KnotOptions {
  /** Largest error, as a share of the peak; 0.02 if not given. */
  readonly tolerance?: number;
  /** Most knots; 12 if not given. */
  readonly most?: number;
}

/** Least distance of two knots, as a share of the run. */
const LEAST = 1 / 200;

/**
 * Straight pieces through some of the rates, with 0 past the last one: knots are added where the error is largest, until
 * it is small enough.
 *
 * @param rates relative to the peak.
 */
export function knotsOf(rates: Float64Array, { tolerance = 0.02, most = 12 }: KnotOptions = {}): Knot[] {
  const length = rates.length;
  const at = (index: number) => index === length ? 0 : rates[index]!;
  const apart = Math.max(2, Math.ceil(LEAST * length));
  const knots = [0, length];
  while (knots.length < most) {
    let [worst, place, after] = [tolerance, -1, -1];
    for (let piece = 1; piece < knots.length; piece++) {
      const [from, to] = [knots[piece - 1]!, knots[piece]!];
      for (let index = from + apart; index <= to - apart; index++) {
        const line = at(from) + (at(to) - at(from)) * (index - from) / (to - from);
        const error = Math.abs(at(index) - line);
        if (error > worst) [worst, place, after] = [error, index, piece];
      }
    }
    if (place < 0) break;
    knots.splice(after, 0, place);
  }
  return knots.map((index) => ({ at: index / length, rate: at(index) }));
}

/** Places of knots are written in hundredths of a percent. */
const PARTS = 10_000;

/** A schedule of straight pieces between knots, times a peak rate; its lengths are percentages of the run. */
export function pieces(knots: readonly Knot[], peak: number): ScheduleSpec {
  const places = knots.map(({ at }) => Math.round(at * PARTS));
  const parts = knots.slice(1).map((knot, index) => {
    const duration = `${(places[index + 1]! - places[index]!) / (PARTS / 100)}%`;
    const [lr, end_lr] = [rounded(knots[index]!.rate), rounded(knot.rate)];
    // A rate of 0 is no rate to begin with.
    const line = { name: "linear", lr: Math.max(lr, 1e-6), end_lr, duration };
    return { for: duration, schedule: line };
  });
  return { name: "product", of: [{ name: "constant", lr: peak }, { name: "sequence", parts }] };
}

const rounded = (rate: number) => Number(rate.toPrecision(4));
