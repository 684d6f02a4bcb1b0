import assert from "node:assert/strict";
import { fieldGroups } from "#browser/playground/fields.ts";
import { slideOf } from "#browser/playground/ranges.ts";
import { asGiven, withValue } from "#browser/playground/state.ts";
import { PLACES } from "#browser/controls/positions.ts";
import { CATALOGUE } from "#schedules/entries.ts";
import { customModules } from "#schedules/custom.ts";
import { checkSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

const SHAPE = { totalSteps: 100, stepsPerEpoch: 10 };
const RUN = { shape: SHAPE, origin: 0, first: 0, steps: 100, facts: {} };

const NESTED: ScheduleSpec = {
  name: "warmup",
  duration: "10%",
  then: {
    name: "sequence",
    parts: [
      { for: "40 steps", schedule: { name: "multistep", lr: 0.1, milestones: ["1 epoch", "30 steps"] } },
      { for: "rest", schedule: { name: "constant", lr: 0.01 } },
    ],
  },
};

Deno.test("every value of a nested schedule has a field, with the path that leads to it", () => {
  const groups = fieldGroups(NESTED);
  assert.deepEqual(groups.map(({ title }) => title), [
    "warmup",
    "then: sequence",
    "then, parts 1: multistep",
    "then, parts 2: constant",
  ]);
  const fields = new Map(
    groups.flatMap(({ fields }) => fields).map((field) => [field.path.join("."), field]),
  );
  assert.equal(fields.get("duration")!.value, "10%");
  assert.equal(fields.get("then.parts.0.for")!.value, "40 steps");
  assert.equal(fields.get("then.parts.0.schedule.milestones.1")!.value, "30 steps");
  assert.equal(fields.get("then.parts.1.schedule.lr")!.value, 0.01);
  assert.equal(fields.get("then.parts.1.schedule.update")!.value, "step");
  assert.equal(slideOf(fields.get("then.parts.1.for")!, SHAPE), null, "rest has no number");
});

Deno.test("fields of every schedule of the catalogue slide over values of their own kind", () => {
  let moved = 0;
  for (const { sample, name } of Object.values(CATALOGUE.entries)) {
    if (customModules(sample).length > 0) continue;
    const given = asGiven({ name, schedule: sample, run: RUN });
    for (const field of fieldGroups(sample).flatMap(({ fields }) => fields)) {
      const slide = slideOf(field, SHAPE);
      const number = slide?.numberOf(field.value) ?? null;
      // Without a value the slider is off until one is typed.
      if (slide === null || number === null) continue;
      const { min, max } = slide.positions;
      assert.ok(number >= min && number <= max, `${name}.${field.label}: ${number} of ${min} to ${max}`);
      for (const place of [0, 400, PLACES]) {
        const value = slide.valueOf(slide.positions.valueAt(place));
        const { written, problems } = withValue(given, field.path, value);
        // A value may be at odds with another one, or too large for the run; its kind and its own bounds are right.
        const own = checkSchedule(written).filter(({ path }) => path.join() === field.path.join());
        assert.deepEqual(own, [], `${name}.${field.label} = ${value}`);
        if (problems.length === 0) moved++;
      }
    }
  }
  assert.ok(moved > 150, `only ${moved} moves can be drawn`);
});
