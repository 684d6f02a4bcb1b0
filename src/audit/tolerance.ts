/** Relative error of a rate in double precision, after thousands of multiplications, and in single precision. */
const [DOUBLE, SINGLE] = [1e-9, 2e-6];
/** Part of the largest rate below which differences are noise of the arithmetic. */
const FLOOR = 2e-8;
/** Digits beyond which a number is not taken for a rounded one. */
const MOST_DIGITS = 8;
/** Digits that are taken for granted where a log has few different rates. */
const LEAST_DIGITS = 4;

/**
 * The error that the rounding of each rate allows: half a unit in the last written place where all are rounded to so many
 * significant digits or decimals, else that of single or double precision. Absolute, one for each rate.
 */
export function toleranceOf(rates: readonly number[]): number[] {
  const peak = rates.reduce((most, rate) => Math.max(most, Math.abs(rate)), 0);
  const written = rates.filter((rate) => rate !== 0).map(writtenAs);
  const digits = written.reduce((most, one) => Math.max(most, one.digits), 0);
  const isSingle = rates.every((rate) => {
    const single = Math.fround(rate);
    return single === rate || Math.abs(single - rate) <= 1e-8 * Math.abs(rate);
  });
  // A few equal rates say little about rounding: 0.1 and 0.01 have one digit by themselves.
  const places = isVaried(rates) ? digits : Math.max(digits, LEAST_DIGITS);
  const relative = digits > 0 && digits <= MOST_DIGITS
    ? (rate: number) => Math.max(halfUnit(rate, places), SINGLE * Math.abs(rate))
    : (rate: number) => (isSingle ? SINGLE : DOUBLE) * Math.abs(rate);
  return rates.map((rate) => relative(rate) + FLOOR * peak);
}

const isVaried = (rates: readonly number[]): boolean => new Set(rates.slice(0, 1000)).size > 4;

const writtenAs = (rate: number): { digits: number } => ({
  digits: rate.toExponential().replace(/e.*$/, "").replace(/[-.]/g, "").length,
});

/** Half a unit in the last of so many significant digits, and half as much again for a fit that is not the best one. */
const halfUnit = (rate: number, digits: number): number =>
  rate === 0 ? 0 : 0.75 * 10 ** (Math.floor(Math.log10(Math.abs(rate))) + 1 - digits);
