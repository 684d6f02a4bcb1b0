import type { RangeTestResult, RateSuggestion } from "#results/lr_range.ts";
import type { Candidate } from "./plan.ts";
import { rounded } from "./suggest.ts";

/** Ratio of neighbouring rates, once the best one is known to its square. */
const RATIO = Math.sqrt(3);
/** Rates are looked for at this many ratios from each other: a factor of 3. */
const COARSE = 2;
/** Most rates that short runs try. */
const MOST_RATES = 9;

/** Rates are ratios of the chosen suggestion: place k stands for 3^(k/2) times it. */
type Place = number;

/** Findings of the short runs so far. */
export interface Search {
  /** The best rate; `null` where none was tried, or runs failed at every one. */
  readonly best: number | null;
  /** The smallest rate that is as good. */
  readonly recommended: number | null;
  /** True where a run at the lowest rate that was tried diverged. */
  readonly divergedAtLowest: boolean;
}

/**
 * The rates that short runs try next: first a third of the chosen suggestion, itself and three times it; then beyond the
 * end at which the best one lies, by factors of 3, as far as the limits let it; then the best one's neighbours at a ratio
 * of √3; then below the lowest rate for as long as that one is as good. None are left once the best rate has worse
 * neighbours on both sides, or a limit, and the recommended one a worse rate below it, or 9 rates were tried. Where runs
 * failed at every rate, the search goes on at both ends, or only below the lowest where a run at that one diverged.
 *
 * @param tried rates of the short runs so far.
 * @param limits the lowest and the highest rate that may be tried: the ramp's.
 */
export function nextRates(
  centre: number,
  tried: readonly number[],
  search: Search,
  limits: readonly [number, number],
): number[] {
  const places = tried.map((lr) => placeOf(lr, centre));
  const isNew = (place: Place) => {
    const lr = rateAt(place, centre);
    return !places.includes(place) && lr >= limits[0] && lr <= limits[1];
  };
  return nextPlaces(places, search, (lr) => placeOf(lr, centre), isNew).filter(isNew)
    .map((place) => rateAt(place, centre))
    .slice(0, MOST_RATES - tried.length)
    .sort((a, b) => a - b);
}

/** @param isNew true for a place within the limits that was not tried. */
function nextPlaces(
  tried: readonly Place[],
  { best, recommended, divergedAtLowest }: Search,
  place: (lr: number) => Place,
  isNew: (place: Place) => boolean,
): Place[] {
  if (tried.length === 0) return [0, -COARSE, COARSE];
  const [lowest, highest] = [Math.min(...tried), Math.max(...tried)];
  const [below, above] = [lowest - COARSE, highest + COARSE];
  if (best === null) return divergedAtLowest ? [below] : [below, above];
  if (place(best) === lowest && isNew(below)) return [below];
  if (place(best) === highest && isNew(above)) return [above];
  const neighbours = [place(best) - 1, place(best) + 1].filter(isNew);
  return neighbours.length === 0 && recommended !== null && place(recommended) === lowest
    ? [below]
    : neighbours;
}

const placeOf = (lr: number, centre: number): Place => Math.round(Math.log(lr / centre) / Math.log(RATIO));
const rateAt = (place: Place, centre: number) => rounded(centre * RATIO ** place);

/** Rates closer than this factor are one. */
const ALIKE = 1.1;

/** The tried rates, rising, each with why it was tried. */
export function candidatesOf(
  { lr: centre, rule: chosen }: NonNullable<RangeTestResult["chosen"]>,
  suggestions: readonly RateSuggestion[],
  tried: readonly number[],
): Candidate[] {
  return tried.toSorted((a, b) => a - b).map((lr) => {
    const place = placeOf(lr, centre);
    const rules = suggestions.filter((one) =>
      one.rule !== chosen && one.lr !== null && Math.max(one.lr / lr, lr / one.lr) < ALIKE
    );
    return {
      lr,
      labels: [place === 0 ? chosen : ratioText(place), ...rules.map(({ rule }) => rule)],
      factor: RATIO ** place,
    };
  });
}

/** `3 times it`, `1/1.73 of it`. */
function ratioText(place: Place): string {
  const ratio = String(Number((RATIO ** Math.abs(place)).toPrecision(3)));
  return place > 0 ? `${ratio} times it` : `1/${ratio} of it`;
}
