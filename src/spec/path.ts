/** Keys and indices into plain data. */
export type Path = readonly (string | number)[];

/**
 * Reads `arms[1].schedule.lr`.
 *
 * @throws {SyntaxError} where the text is no such path.
 */
export function readPath(text: string): Path {
  const parts = text.match(/[^.[\]]+|\[\d+\]/g) ?? [];
  const path = parts.map((part) => part.startsWith("[") ? Number(part.slice(1, -1)) : part);
  if (printPath(path) !== text || path.length === 0) {
    throw new SyntaxError(`Cannot read ${JSON.stringify(text)} as a path: write it as arms[1].schedule.lr`);
  }
  return path;
}

/** The inverse of {@link readPath}. */
export function printPath(path: Path): string {
  return path.map((part, index) => typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)
    .join("");
}

/** A copy of plain data with one value replaced. */
export function setIn(data: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(data)) return data.map((item, index) => index === key ? setIn(item, rest, value) : item);
  return {
    ...(data as Record<string, unknown>),
    [key]: setIn((data as Record<string, unknown> | undefined)?.[key], rest, value),
  };
}
