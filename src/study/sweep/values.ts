/** Each value once; numbers in rising order, others as they come. */
export function sortedValues(values: readonly unknown[]): unknown[] {
  const once = [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  return once.every((value) => typeof value === "number") ? once.toSorted((a, b) => a - b) : once;
}
