/** Mean ranks on one axis, with bars over what is not separated: a critical-difference diagram (Demšar, 2006). */
export interface RanksChart {
  readonly kind: "ranks";
  /** The best first. */
  readonly marks: readonly RankMark[];
  /** Places in `marks` that are not separated from each other, as {@link unseparated} of `stats` gives them. */
  readonly groups: readonly (readonly number[])[];
  /** Ranks this far apart are separated; `null` where there is no test. */
  readonly criticalDifference: number | null;
}

export interface RankMark {
  readonly label: string;
  /** 1 is the best. */
  readonly rank: number;
  readonly interval: readonly [number, number] | null;
}

/** Letters of the groups that a mark is in: marks with a letter in common are not separated. */
export function lettersOf(groups: RanksChart["groups"], place: number): string {
  return groups.map((group, index) => group.includes(place) ? letterOf(index) : "").join("");
}

const letterOf = (index: number) => String.fromCharCode("a".charCodeAt(0) + index % 26);

/** True for a mark that is not separated from the best one. */
export function isAtTop({ groups, criticalDifference }: RanksChart, place: number): boolean {
  return place === 0 || criticalDifference === null ||
    groups.some((group) => group.includes(0) && group.includes(place));
}

/** Ends of the axis: whole ranks around all marks and intervals. */
export function rankRange(marks: readonly RankMark[]): [number, number] {
  const ends = marks.flatMap(({ rank, interval }) => interval ?? [rank]);
  const [low, high] = [Math.floor(Math.min(...ends)), Math.ceil(Math.max(...ends))];
  return [low, Math.max(high, low + 1)];
}

/** A row for each bar: bars that don't touch share one. */
export function barRows(
  chart: RanksChart,
): { readonly row: number; readonly from: number; readonly to: number }[] {
  const ends: number[] = [];
  return chart.groups.map((group) => {
    const ranks = group.map((place) => chart.marks[place]!.rank);
    const [from, to] = [Math.min(...ranks), Math.max(...ranks)];
    const free = ends.findIndex((end) => end < from);
    const row = free === -1 ? ends.length : free;
    ends[row] = to;
    return { row, from, to };
  });
}
