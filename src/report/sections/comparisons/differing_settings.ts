import { MISSING } from "#lib/numbers.ts";
import { canonicalJson, isObject } from "#lib/json.ts";
import { settingLabel } from "../../format/settings.ts";

/** A setting with different values in several specs. */
export interface DifferingSetting {
  /** `optimizer.momentum`, `arms.cosine.schedule.lr`: list items with a name are addressed by it. */
  readonly path: string;
  /** Texts, one a spec; a dash where a spec has none. */
  readonly values: readonly string[];
}

/**
 * The settings in which specs (plain data) differ, in their order. A part that only some specs have is one setting.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { differingSettings } from "#report/sections/comparisons/differing_settings.ts";
 * const specs = [{ model: "a", arms: [{ name: "x", lr: 0.1 }] }, { model: "a", arms: [{ name: "x", lr: 1 }] }];
 * assert.deepEqual(differingSettings(specs), [{ path: "arms.x.lr", values: ["0.1", "1"] }]);
 * ```
 */
export function differingSettings(specs: readonly unknown[], path = ""): DifferingSetting[] {
  if (new Set(specs.map((spec) => canonical(spec))).size <= 1) return [];
  const parts = specs.map(namedParts);
  if (!parts.every((part) => part !== null)) {
    return [{ path: path || "spec", values: specs.map(settingText) }];
  }
  const names = [...new Set(parts.flatMap((part) => [...part.keys()]))];
  return names.flatMap((name) =>
    differingSettings(parts.map((part) => part.get(name)), path === "" ? name : `${path}.${name}`)
  );
}

/** Keys and values of an object, or of a list whose every item has a name of its own; else `null`. */
function namedParts(value: unknown): Map<string, unknown> | null {
  if (typeof value !== "object" || value === null) return null;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const parts = new Map<string, unknown>(
    value.flatMap((item): [string, unknown][] => {
      if (typeof item !== "object" || item === null || typeof item.name !== "string") return [];
      const { name, ...rest } = item as Record<string, unknown>;
      return [[name as string, rest]];
    }),
  );
  return parts.size === value.length && value.length > 0 ? parts : null;
}

/** A value as text; a part with several settings as `lr 0.1, T_max 30 epochs`. */
function settingText(value: unknown): string {
  if (value === undefined) return MISSING;
  if (value === null) return "none";
  if (typeof value !== "object") return settingLabel(value);
  if (Array.isArray(value)) return `[${value.map(settingText).join(", ")}]`;
  return Object.entries(value).map(([key, inner]) => {
    const text = settingText(inner);
    return isObject(inner) ? `${key} (${text})` : `${key} ${text}`;
  }).join(", ");
}

const canonical = (data: unknown): string => data === undefined ? "" : canonicalJson(data);
