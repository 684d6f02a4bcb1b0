import { basename, dirname } from "node:path";
import { suggest } from "#lib/nearest.ts";
import type { LoggedRun } from "./read_run.ts";
import { UsageError } from "../errors.ts";

/** Settings that an error lists. */
const LISTED = 30;

/**
 * Runs by the folder around them, by the group of TensorBoard's hparams, or by a hyperparameter; in the order of the
 * groups' names, with numbers counted.
 *
 * @throws {UsageError} where no run has such a hyperparameter.
 */
export function groupedBy<T extends { readonly run: LoggedRun }>(
  found: readonly T[],
  what: string,
): { groups: Map<string, T[]>; left: string[] } {
  const name = what.replace(/^hparam[:= ]/, "");
  const groups = Map.groupBy(found, ({ run }) => keyOf(run, name));
  const without = groups.get(null) ?? [];
  groups.delete(null);
  if (groups.size === 0) {
    const known = [...new Set(found.flatMap(({ run }) => Object.keys(run.settings)))].sort();
    throw new UsageError(
      `Cannot group by ${name}: ` +
        (known.length === 0
          ? "the logs name no hyperparameters; name groups as NAME=PATH, or add --group-by folder"
          : `no run has a hyperparameter of that name; ${suggest(name, known.slice(0, LISTED))}`),
    );
  }
  const sorted = [...groups].sort(([a], [b]) => a!.localeCompare(b!, "en", { numeric: true }));
  return {
    groups: new Map(sorted.map(([key, runs]) => [key!, runs])),
    left: without.length === 0 ? [] : [
      `${without.length} of ${found.length} runs have no ${name} and are left out (the first is ${
        without[0]!.run.path
      })`,
    ],
  };
}

function keyOf(run: LoggedRun, what: string): string | null {
  if (what === "folder") return basename(dirname(run.path)) || null;
  if (what === "group") return run.group;
  return Object.hasOwn(run.settings, what) ? String(run.settings[what]) : null;
}
