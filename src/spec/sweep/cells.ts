import { random } from "#lib/prng.ts";
import { type Path, readPath, setIn } from "../path.ts";
import type { RunPlan } from "../run_plan.ts";
import { gridValues, type SweepAxis, valueAt } from "./axes.ts";

/** One combination of values of a sweep's axes. */
export interface Cell {
  /** Counts from 1. */
  readonly number: number;
  /** One value an axis, in the axes' order. */
  readonly values: readonly unknown[];
}

/** A cell and its runs, one a seed. */
export interface PlannedCell<C extends Cell = Cell> {
  readonly cell: C;
  readonly plans: readonly RunPlan[];
}

/** More would be no sweep of this lab: it trains every cell. */
export const MOST_CELLS = 1000;

/**
 * Every combination of the axes' values; the last axis varies fastest.
 *
 * @throws {SyntaxError} for a range without points. @throws {RangeError} for more than {@link MOST_CELLS} cells.
 */
export function gridCells(axes: readonly SweepAxis[]): Cell[] {
  const values = axes.map(gridValues);
  checkCount(values.reduce((product, each) => product * each.length, 1));
  const combinations = values.reduce<unknown[][]>(
    (heads, each) => heads.flatMap((head) => each.map((value) => [...head, value])),
    [[]],
  );
  return combinations.map((each, index) => ({ number: index + 1, values: each }));
}

/**
 * `samples` different cells, each value drawn independently: of a list every one as likely, of a range evenly on its
 * scale. The same seed draws the same cells, and more samples keep the first ones.
 *
 * @throws {RangeError} where there are not so many different cells, or more than {@link MOST_CELLS} are asked for.
 */
export function randomCells(axes: readonly SweepAxis[], samples: number, seed: number): Cell[] {
  checkCount(samples);
  const possible = axes.reduce(
    (product, axis) => product * (axis.kind === "list" ? axis.values.length : Infinity),
    1,
  );
  if (samples > possible) {
    throw new RangeError(`Cannot draw ${samples} different cells: the axes have ${possible} combinations`);
  }
  const source = random(seed, "sweep");
  const found = new Map<string, unknown[]>();
  // Values are rounded to three digits, so a narrow range can run out of different ones.
  for (let tries = 0; found.size < samples && tries < 1000 * samples; tries++) {
    const values = axes.map((axis) => valueAt(axis, source.uniform()));
    const key = JSON.stringify(values);
    if (!found.has(key)) found.set(key, values);
  }
  if (found.size < samples) {
    throw new RangeError(`Cannot draw ${samples} different cells: the ranges are too narrow`);
  }
  return [...found.values()].map((values, index) => ({ number: index + 1, values }));
}

/** A spec, or any plain data with the same paths, with the values of a cell in their places. */
export function withCell<T>(data: T, axes: readonly { readonly path: string }[], { values }: Cell): T {
  const paths: Path[] = axes.map(({ path }) => readPath(path));
  return paths.reduce<unknown>((whole, path, axis) => setIn(whole, path, values[axis]), data) as T;
}

/** First part of the ids of a cell's runs: `cell-3`, or `rung-2-cell-3` where rungs train it more than once. */
export function runStem({ number }: Cell, rung: number | null = null): string {
  return `${rung === null ? "" : `rung-${rung}-`}cell-${number}`;
}

/** @throws {RangeError} for fewer than 2 cells or more than {@link MOST_CELLS}. */
export function checkCount(count: number): void {
  if (Number.isInteger(count) && count >= 2 && count <= MOST_CELLS) return;
  throw new RangeError(`Cannot sweep over ${count} cells: 2 to ${MOST_CELLS} are possible`);
}
