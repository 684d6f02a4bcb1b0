/** Ends a switch over a tagged union: the compiler rejects it while a case is missing. */
export function assertNever(value: never): never {
  throw new TypeError(`Unreachable case: ${JSON.stringify(value)}`);
}
