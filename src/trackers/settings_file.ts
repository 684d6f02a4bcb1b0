import { parse } from "yaml";
import { isNestedTooDeep } from "#lib/nesting.ts";
import { isObject } from "#lib/json.ts";
import type { Setting, Settings } from "./model.ts";

/** Files beside a log that say how the run was set up, the first that is there being used. */
export const SETTINGS_FILES = [
  "run.json",
  "hparams.yaml",
  "hparams.yml",
  "config.yaml",
  "config.yml",
  "config.json",
  "args.json",
  "args.yaml",
  "hparams.json",
  "params.json",
  ".hydra/config.yaml",
] as const;

/** More than the settings of a run take. */
export const MOST_SETTINGS_BYTES = 2 ** 20;
const MOST_DEPTH = 6;

/**
 * The settings in such a file: numbers, texts and truth values, those of nested mappings by their path (`optim.lr`).
 * W&B's `{seed: {desc: null, value: 3}}` is `seed`, and of this lab's run.json the plan is read.
 *
 * @returns `null` for a text that is neither JSON nor YAML, no mapping, or nested without end.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { settingsOf } from "#trackers/settings_file.ts";
 *
 * assert.deepEqual(settingsOf("seed: 3\noptim: {lr: 0.1}\n"), { seed: 3, "optim.lr": 0.1 });
 * assert.deepEqual(settingsOf("seed: {desc: null, value: 3}"), { seed: 3 });
 * ```
 */
export function settingsOf(text: string): Settings | null {
  if (isNestedTooDeep(text)) return null;
  let data: unknown;
  try {
    data = parse(text, { logLevel: "silent", maxAliasCount: 100 });
  } catch {
    return null;
  }
  if (!isObject(data)) return null;
  const settings: Record<string, Setting> = {};
  flatten(isObject(data.plan) && "version" in data ? data.plan : data, "", settings, 0);
  return settings;
}

function flatten(
  object: Readonly<Record<string, unknown>>,
  prefix: string,
  settings: Record<string, Setting>,
  depth: number,
): void {
  for (const [key, given] of Object.entries(object)) {
    const value = isObject(given) && "value" in given ? given.value : given;
    if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") {
      settings[prefix + key] = value;
    } else if (isObject(value) && depth < MOST_DEPTH) {
      flatten(value, `${prefix}${key}.`, settings, depth + 1);
    }
  }
}
