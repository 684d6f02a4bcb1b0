import { entry, type Given } from "./entry.ts";
import { rateOrZero } from "./params.ts";
import type { Schedule } from "./schedule.ts";
import { check } from "./values.ts";

const PARAMS = { lr: rateOrZero("rate of every step") };

/**
 * The same rate for every step: η(t) = η₀.
 *
 * @throws {RangeError} unless `lr` >= 0.
 */
export function constant(given: Given<typeof PARAMS>): Schedule {
  const { lr } = check("constant", PARAMS, given);
  return () => lr;
}

export default entry({
  name: "constant",
  summary: "The same rate for every step.",
  params: PARAMS,
  formula: "η₀",
  first: "lr",
  last: "lr",
  source: "Robbins and Monro, 1951 (the baseline that their second condition rejects)",
  label: "constant {lr}",
  sample: { name: "constant", lr: 0.05 },
  build: (values) => ({ lr: constant(values) }),
});
