import * as catalog from "./catalog.ts";
import type { BuildContext, Entry, Registry } from "./entry.ts";
import type { Params } from "./param_types.ts";
import type { ScheduleSpec } from "./schedule.ts";

/**
 * A registry of these schedules: the catalogue's, and others of your own.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { buildSchedule, CATALOGUE, entry, params, registryOf } from "lr-lab/schedules";
 *
 * const PARAMS = { lr: params.rate("the first rate"), half: params.duration("time in which it halves") };
 * const halving = entry({
 *   name: "halving",
 *   summary: "Halves every so often.",
 *   params: PARAMS,
 *   formula: "η₀·2^(−t/h)",
 *   first: "lr",
 *   last: "continues to fall",
 *   source: "this example",
 *   label: "halving {lr} every {half}",
 *   sample: { name: "halving", lr: 0.1, half: "1 epoch" },
 *   build: ({ lr, half }) => ({ lr: (t) => lr * 2 ** (-t / half) }),
 * });
 * const registry = registryOf([...Object.values(CATALOGUE.entries), halving]);
 * const run = { totalSteps: 100, stepsPerEpoch: 10 };
 * const warm = { name: "warmup", duration: "5 steps", then: halving.sample };
 * assert.equal(buildSchedule(warm, run, { registry }).lr(15), 0.05);
 * ```
 *
 * @throws {RangeError} where two of them have the same name.
 */
export function registryOf(entries: readonly Entry[]): Registry {
  const names = entries.map(({ name }) => name).sort();
  const twice = names.find((name, index) => name === names[index + 1]);
  if (twice !== undefined) throw new RangeError(`Cannot make a registry: ${twice} is there twice`);
  return { entries: Object.fromEntries(entries.map((entry) => [entry.name, entry])), names };
}

/** Every schedule that a spec may name. */
export const CATALOGUE: Registry = registryOf(Object.values(catalog));

/** The key that every schedule takes beside its own parameters. */
export const COMMON_PARAMS: Params = {
  update: {
    kind: "choice",
    doc: "evaluate at every step, or only at the start of each epoch",
    unit: "",
    options: ["step", "epoch"],
    default: "step",
  },
};

/** The entry of a name, or `undefined`. */
export function entryOf(name: unknown, { entries }: Registry = CATALOGUE): Entry | undefined {
  return typeof name === "string" && Object.hasOwn(entries, name) ? entries[name] : undefined;
}

/** All keys that a schedule takes beside `name`: a loaded module's own too, for a schedule from a module. */
export function paramsOf(entry: Entry, spec: ScheduleSpec, context: BuildContext): Params {
  return { ...(entry.loadedParams?.(spec, context) ?? entry.params), ...COMMON_PARAMS };
}
