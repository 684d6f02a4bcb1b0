import { compact, MISSING } from "#lib/numbers.ts";

/** A setting in few characters: shares of a run such as 33.333 % are rounded where they stay distinct. */
export function settingLabel(value: unknown): string {
  if (typeof value === "number") return compact(value);
  if (Array.isArray(value)) {
    const rounded = value.map((part) => roundedShare(part));
    if (rounded.every((part) => part !== null) && new Set(rounded).size === value.length) {
      return `${rounded.join(" / ")} %`;
    }
    return value.map(settingLabel).join(" / ");
  }
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value).map(([key, inner]) => `${key}: ${settingLabel(inner)}`).join(", ")} }`;
  }
  return typeof value === "string" ? value : JSON.stringify(value) ?? MISSING;
}

function roundedShare(value: unknown): number | null {
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value) : null;
  return match ? Math.round(Number(match[1])) : null;
}
