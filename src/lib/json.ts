/** True for an object with keys: no array, and not `null`. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * `JSON.parse` that refuses an object with the same key twice: `JSON.parse` takes the last one, another reader may
 * take the first.
 *
 * @throws {SyntaxError} for a repeated key, or for what is not JSON.
 */
export function parseUnique(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const open: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(string!) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) throw new SyntaxError(`the key ${string} comes twice`);
      keys.add(key);
    }
  }
  return value;
}

/**
 * JSON of plain data that {@link parseExact} reads back as it was: NaN, the infinities and −0, which JSON has not, are
 * written as `{"$number": "NaN"}`.
 *
 * @throws {TypeError} for what would not come back: `undefined`, functions, typed arrays, maps, objects of a class,
 * and the key `$number`.
 */
export function stringifyExact(data: unknown): string {
  const tagged = new Set<unknown>();
  return JSON.stringify(data, function (this: Record<string, unknown>, key) {
    // The second argument of a replacer is what toJSON made of the value.
    const value = this[key];
    if (tagged.has(this)) return value;
    if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) {
      const tag = { $number: Object.is(value, -0) ? "-0" : String(value) };
      tagged.add(tag);
      return tag;
    }
    if (key === "$number" || !isPlain(value)) {
      throw new TypeError(
        `Cannot write ${key === "" ? "this" : JSON.stringify(key)} as JSON: ${describe(value)}`,
      );
    }
    return value;
  });
}

/**
 * The data of {@link stringifyExact}.
 *
 * @throws {SyntaxError} for what is not JSON.
 */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value) => {
    const number: unknown = typeof value === "object" && value !== null ? value.$number : undefined;
    return typeof number === "string" ? Number(number) : value;
  });
}

/**
 * JSON with the keys of every object sorted: equal data gives equal text, in whatever order it was put together.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { canonicalJson } from "#lib/json.ts";
 *
 * assert.equal(canonicalJson({ b: [2, 1], a: { d: 1, c: undefined } }), '{"a":{"d":1},"b":[2,1]}');
 * ```
 */
export function canonicalJson(data: unknown): string {
  return JSON.stringify(
    data,
    (_key, value) =>
      isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)) : value,
  );
}

function isPlain(value: unknown): boolean {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  if (typeof value !== "object") return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

function describe(value: unknown): string {
  return typeof value === "object" ? `an object of ${value?.constructor?.name}` : typeof value;
}
