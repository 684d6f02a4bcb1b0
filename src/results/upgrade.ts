import { isObject } from "#lib/json.ts";

/** Keys of version 1 and what they are called in version 2, for one object. */
export type Names = Readonly<Record<string, string>>;

/**
 * The data with keys renamed, at every depth; keys below one of `except` stay as they are.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { renamed } from "#results/upgrade.ts";
 *
 * assert.deepEqual(
 *   renamed({ runs: [{ updates: 3 }], spec: { updates: 1 } }, { updates: "steps" }, ["spec"]),
 *   { runs: [{ steps: 3 }], spec: { updates: 1 } },
 * );
 * ```
 */
export function renamed(data: unknown, names: Names, except: readonly string[] = []): unknown {
  if (Array.isArray(data)) return data.map((one) => renamed(one, names, except));
  if (!isObject(data)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      Object.hasOwn(names, key) ? names[key] : key,
      except.includes(key) ? value : renamed(value, names, except),
    ]),
  );
}

/** The data as version 2; what is no object stays as it is, for the schema to refuse. */
export function asVersion2(data: unknown): unknown {
  return isObject(data) ? { ...data, version: 2 } : data;
}
