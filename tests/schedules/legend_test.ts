import assert from "node:assert/strict";
import fc from "fast-check";
import { CATALOGUE } from "#schedules/entries.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { specOf } from "./arbitrary.ts";

const NAMES = CATALOGUE.names.filter((name) => name !== "custom");

Deno.test("two schedules that differ in one key have different legends", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES).chain((name) => fc.tuple(specOf(name), specOf(name))),
      ([spec, other]) => {
        const { params } = CATALOGUE.entries[spec.name]!;
        for (const key of Object.keys(params)) {
          const value = other[key];
          // A legend has six digits; a choice between two keys is made in the spec.
          if (value === undefined || spec[key] === undefined || typeof value === "object") continue;
          const written = (given: unknown) => typeof given === "number" ? given.toPrecision(6) : given;
          if (written(value) === written(spec[key])) continue;
          const changed = { ...spec, [key]: value };
          assert.notEqual(describeSchedule(changed), describeSchedule(spec), key);
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("a key that a label leaves out is named where it is not the default", () => {
  const spec = { name: "cyclic", base_lr: 0.01, max_lr: 0.1, step_size_up: "8 steps" };
  assert.equal(describeSchedule(spec), "cyclic 0.01 … 0.1, triangular, 8 steps up");
  assert.equal(
    describeSchedule({ ...spec, step_size_down: "4 steps", cycle_momentum: false }),
    "cyclic 0.01 … 0.1, triangular, 8 steps up, step_size_down 4 steps, cycle_momentum false",
  );
});
