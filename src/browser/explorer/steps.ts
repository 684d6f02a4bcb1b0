let known = new Float64Array();

/** The numbers from `first` on, as many as asked for; made once. */
export function stepsFrom(first: number, count: number): Float64Array {
  if (known.length < first + count) known = Float64Array.from({ length: first + count }, (_, step) => step);
  return known.subarray(first, first + count);
}
