/** Places on a slider, 0 to {@link PLACES}, and the values that they stand for. */
export interface Positions {
  readonly min: number;
  readonly max: number;
  /** The value at a place, rounded to what a person would write. */
  valueAt(place: number): number;
  /** The nearest place of a value; the ends for values beyond them. */
  placeOf(value: number): number;
}

/** Places of a slider after the first one. */
export const PLACES = 1000;

/** Significant digits of a value that a slider chooses. */
const DIGITS = 3;

const clamped = (place: number) => Math.max(0, Math.min(PLACES, Math.round(place)));

/** Values evenly spaced from `min` to `max`, each a multiple of `step`. */
export function linear(min: number, max: number, step: number): Positions {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return {
    min,
    max,
    valueAt: (place) => {
      const value = min + (max - min) * place / PLACES;
      return place === PLACES
        ? max
        : Number((min + Math.round((value - min) / step) * step).toFixed(decimals));
    },
    placeOf: (value) => clamped(PLACES * (value - min) / (max - min)),
  };
}

/**
 * Values evenly spaced in their logarithm from `min` to `max`.
 *
 * @param zero true where the first place stands for 0.
 */
export function logarithmic(min: number, max: number, { zero = false } = {}): Positions {
  const span = Math.log(max / min);
  return {
    min: zero ? 0 : min,
    max,
    valueAt: (place) =>
      zero && place === 0 ? 0 : Number((min * Math.exp(span * place / PLACES)).toPrecision(DIGITS)),
    placeOf: (value) => value <= min ? 0 : clamped(PLACES * Math.log(value / min) / span),
  };
}

/** Whole numbers from `min` to `max`. */
export const whole = (min: number, max: number): Positions => linear(min, max, 1);
