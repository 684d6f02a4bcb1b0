import type { Attribute, Attributes } from "../charts/plotly_layout.ts";
import { channels, rolesOf, type Theme } from "../charts/palette.ts";
import { sevenDigits } from "../format/text.ts";

/**
 * A copy in which every `@role`, or `@role/opacity`, is the theme's colour, as the page's own script makes it, and
 * fractions are no longer than a screen can show.
 *
 * @throws {RangeError} for a role that the theme does not have.
 */
export function painted(value: Attribute, theme: Theme): Attribute {
  return paintedBy(value, rolesOf(theme));
}

function paintedBy(value: Attribute, roles: ReadonlyMap<string, string>): Attribute {
  if (typeof value === "number") return sevenDigits(value);
  if (typeof value === "string") return colorOf(value, roles);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((inner) => paintedBy(inner, roles));
  return Object.fromEntries(
    Object.entries(value as Attributes).map(([name, inner]) => [name, paintedBy(inner, roles)]),
  );
}

function colorOf(text: string, roles: ReadonlyMap<string, string>): string {
  const [, role, opacity] = /^@([a-z-]+(?:-\d+)?)(?:\/([\d.]+))?$/.exec(text) ?? [];
  if (role === undefined) return text;
  const color = roles.get(role);
  if (color === undefined) throw new RangeError(`Cannot paint ${text}: the theme has no such colour`);
  return opacity === undefined ? color : `rgba(${channels(color).join(", ")}, ${opacity})`;
}
