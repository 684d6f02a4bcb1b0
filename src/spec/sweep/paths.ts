import { suggest } from "#lib/nearest.ts";
import { type Path, printPath, readPath } from "../path.ts";
import type { Spec } from "../schema.ts";

/** Keys that decide how a run trains and leave its data and budget as they are. */
const FREE = ["model", "optimizer", "loss", "batch_size", "accumulate"] as const;
const FREE_OF_ARM = ["schedule", "optimizer", "loss", "batch_size", "accumulate"] as const;
const ALLOWED = `${FREE.join(", ")}, dataset.augment, or of an arm ${
  FREE_OF_ARM.map((key) => `arms[0].${key}`).join(", ")
}, and what lies within them`;

/** Reasons why other keys of a spec cannot be swept. */
const REASONS: Readonly<Record<string, string>> = {
  dataset: "every cell sees the same images; of the data set only dataset.augment can vary",
  duration: "every cell has the same budget; --max-duration sets the length of all",
  seeds: "every cell has the same seeds; --seeds sets them",
  tune: "a sweep takes the place of tuning",
};

/**
 * A path into a checked spec that a sweep can vary. Its value need not be there (an optional key), but what holds it
 * must. The check of the whole spec refuses values that do not fit.
 *
 * @throws {SyntaxError} for a text that is no path. @throws {RangeError} for one that leads nowhere, or to what decides
 * data or budget; the message names the place and the allowed values.
 */
export function checkPath(spec: Spec, text: string): Path {
  const path = readPath(text);
  const [head, second, third] = path;
  const free = head === "arms"
    ? typeof second === "number" && (FREE_OF_ARM as readonly unknown[]).includes(third)
    : (FREE as readonly unknown[]).includes(head) || (head === "dataset" && second === "augment");
  // What holds the value is looked up first, so that an arm that is not there is named as such.
  let place: unknown = spec;
  path.slice(0, -1).forEach((key, index) => place = inside(place, key, path.slice(0, index + 1)));
  inside(place, path.at(-1)!, path, true);
  if (free) return path;
  const reason = REASONS[String(head)];
  throw new RangeError(
    `Cannot sweep over ${text}: ${reason === undefined ? "" : `${reason}. `}A sweep can vary ${ALLOWED}`,
  );
}

/** The value under one key; inherited keys do not count, so that no path leaves the data. */
function inside(place: unknown, key: string | number, path: Path, last = false): unknown {
  const refused = (why: string) => new RangeError(`Cannot sweep over ${printPath(path)}: ${why}`);
  const parent = printPath(path.slice(0, -1)) || "the spec";
  if (Array.isArray(place)) {
    if (typeof key !== "number") throw refused(`${parent} is a list; write an index such as ${parent}[0]`);
    if (key >= place.length) {
      throw refused(
        place.length === 0
          ? `${parent} is empty`
          : `there is none; the last is ${parent}[${place.length - 1}]`,
      );
    }
    return place[key];
  }
  if (typeof place !== "object" || place === null) throw refused(`${parent} is ${JSON.stringify(place)}`);
  if (typeof key === "number") throw refused(`${parent} is no list`);
  if (Object.hasOwn(place, key)) return (place as Record<string, unknown>)[key];
  // An optional key is not there yet; the check of the whole spec knows it. Those of every object are no keys.
  if (last && !(key in Object.prototype)) return undefined;
  throw refused(`there is no such key; ${suggest(key, Object.keys(place))}`);
}
