import fc from "fast-check";
import type { Param, Range } from "#schedules/param_types.ts";
import { CATALOGUE } from "#schedules/entries.ts";
import type { RunShape, ScheduleSpec } from "#schedules/schedule.ts";

/** Runs of 1 to 400 steps. */
export const shapes: fc.Arbitrary<RunShape> = fc.record({
  totalSteps: fc.integer({ min: 1, max: 400 }),
  stepsPerEpoch: fc.integer({ min: 1, max: 60 }),
});

// A schedule that loads a module, and the wrappers, are left out where a leaf is wanted.
const NESTING = new Set(["schedule", "schedules", "parts"]);
const ALL = Object.values(CATALOGUE.entries).filter(({ name }) => name !== "custom");
const LEAVES = ALL.filter(({ params }) => Object.values(params).every((param) => !NESTING.has(param.kind)));

/** Schedules of any entry, nested up to `depth`, made from the entries' own descriptions of their parameters. */
export function specs(depth = 2): fc.Arbitrary<ScheduleSpec> {
  return fc.constantFrom(...(depth === 0 ? LEAVES : ALL)).chain(({ name }) => specOf(name, depth));
}

/** Schedules of one entry. A spec may still be refused by a build, where parameters contradict each other. */
export function specOf(name: string, depth = 1): fc.Arbitrary<ScheduleSpec> {
  const { params, exactlyOne = [] } = CATALOGUE.entries[name]!;
  const keys = Object.entries(params).filter(([key]) => !exactlyOne.includes(key));
  const required = keys.filter(([, param]) => param.default === undefined);
  const optional = keys.filter(([, param]) => param.default !== undefined);
  const model = (list: typeof keys) =>
    Object.fromEntries(list.map(([key, param]) => [key, values(key, param, depth)]));
  const alternatives = exactlyOne.length === 0
    ? [fc.constant({})]
    : exactlyOne.map((key) => fc.record({ [key]: values(key, params[key]!, depth) }));
  return fc.tuple(
    fc.record(model(required)),
    fc.record(model(optional), { requiredKeys: [] }),
    fc.oneof(...alternatives),
    fc.record({ update: fc.constantFrom("step", "epoch") }, { requiredKeys: [] }),
  ).map((groups) => Object.assign({ name }, ...groups) as ScheduleSpec);
}

/** Durations of at least one step in each of the shapes: whole steps, whole epochs, whole percent. */
const durations = fc.oneof(
  fc.integer({ min: 1, max: 300 }).map((steps) => `${steps} steps`),
  fc.integer({ min: 1, max: 20 }).map((epochs) => `${epochs} epochs`),
  fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`),
);

function values(key: string, param: Param, depth: number): fc.Arbitrary<unknown> {
  switch (param.kind) {
    case "number":
      return numbers(key, param.range);
    case "duration":
      return durations;
    case "durations":
      return fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 5 })
        .map((list) => list.sort((a, b) => a - b).map((steps) => `${steps} steps`));
    case "boolean":
      return fc.boolean();
    case "choice":
      return fc.constantFrom(...param.options);
    case "text":
      return fc.string({ minLength: 1 });
    case "schedule":
      return specs(depth - 1);
    case "schedules":
      return fc.array(specs(depth - 1), { minLength: 1, maxLength: 3 });
    case "parts":
      return fc.array(fc.record({ for: durations, schedule: specs(depth - 1) }), {
        minLength: 1,
        maxLength: 3,
      });
  }
}

function numbers(key: string, { min, above, max, below, whole }: Range): fc.Arbitrary<number> {
  if (whole) return fc.integer({ min: min ?? 1, max: max ?? 50 });
  // Both ends of a pair (eta_min and lr, base_lr and max_lr) come out in order most of the time.
  const small = /min|end|base|from|floor|eps/.test(key);
  const [low, high] = below === 0
    ? [min ?? -1, -0.01]
    : small
    ? [min ?? above ?? 0, 0.01]
    : [Math.max(min ?? above ?? 0, 0.01), max ?? below ?? 3];
  return fc.double({
    min: low,
    max: high,
    noNaN: true,
    minExcluded: above !== undefined,
    maxExcluded: below !== undefined,
  });
}
