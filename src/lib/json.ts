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
