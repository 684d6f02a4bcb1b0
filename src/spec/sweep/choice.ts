import { suggest } from "#lib/nearest.ts";
import { axisLabel, gridValues, type SweepAxis } from "./axes.ts";
import type { Cell } from "./cells.ts";

/** Cells of a sweep by value: `{ power: 2 }`. Keys are labels of axes or whole paths; an axis left out may be any. */
export type CellChoice = Readonly<Record<string, unknown>>;

/**
 * The cells that have the chosen values.
 *
 * @throws {RangeError} for an axis or a value that the sweep does not have, naming the axis and the allowed values.
 */
export function chooseCells<C extends Pick<Cell, "values">>(
  axes: readonly SweepAxis[],
  cells: readonly C[],
  choice: CellChoice,
): C[] {
  const wanted = checkChoice(axes, choice);
  return cells.filter(({ values }) => wanted.every(({ axis, value }) => isSame(values[axis], value)));
}

/** @returns each chosen value with the index of its axis. @throws {RangeError} as {@link chooseCells}. */
export function checkChoice(
  axes: readonly SweepAxis[],
  choice: CellChoice,
): { readonly axis: number; readonly value: unknown }[] {
  const labels = axes.map(({ path }) => axisLabel(path, axes));
  const chosen = Object.entries(choice);
  if (chosen.length === 0) {
    throw new RangeError(`Cannot choose cells without a value: name one of ${labels.join(", ")}`);
  }
  return chosen.map(([name, value]) => {
    const axis = axes.findIndex(({ path }, index) => path === name || labels[index] === name);
    const text = `Cannot choose cells with ${name} ${valueText(value)}`;
    if (axis < 0) {
      throw new RangeError(
        labels.length === 0
          ? `${text}: the spec has no sweep`
          : `${text}: no such axis; ${suggest(name, labels)}`,
      );
    }
    const allowed = gridValues(axes[axis]!);
    if (!allowed.some((each) => isSame(each, value))) {
      throw new RangeError(`${text}: ${labels[axis]} is one of ${allowed.map(valueText).join(", ")}`);
    }
    return { axis, value };
  });
}

/** `power 2`, or `gamma 0.1, milestones [50%, 75%]`. */
export function choiceText(choice: CellChoice): string {
  return Object.entries(choice).map(([name, value]) => `${name} ${valueText(value)}`).join(", ");
}

/** `arms[0].schedule.lr 0.1, batch_size 64`. */
export function cellText(axes: readonly Pick<SweepAxis, "path">[], { values }: Pick<Cell, "values">): string {
  return axes.map(({ path }, axis) => `${path} ${valueText(values[axis])}`).join(", ");
}

/** A value in YAML's flow style without quotes: `[50%, 75%]`. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return (JSON.stringify(value) ?? "null").replaceAll('"', "").replaceAll(",", ", ");
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
