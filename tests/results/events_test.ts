import assert from "node:assert/strict";
import { trainEvent } from "#train/events_schema.ts";
import { readEvents } from "#results/events.ts";

const VERSION_1 = new URL("version_1/experiment/runs/", import.meta.url);

for (const run of ["restarts-1", "bursting-1"]) {
  Deno.test(`events that version 1 wrote are read as they are: ${run}`, async () => {
    const text = await Deno.readTextFile(new URL(`${run}/events.jsonl`, VERSION_1));
    const events = readEvents(text, "events.jsonl");
    assert.equal(events.map((event) => JSON.stringify(event) + "\n").join(""), text);
  });
}

Deno.test("figures that were not finite are NaN", async () => {
  const text = await Deno.readTextFile(new URL("bursting-1/events.jsonl", VERSION_1));
  const steps = readEvents(text, "events.jsonl").filter((event) => event.kind === "step");
  assert.ok(Number.isNaN(steps[1]!.loss) && Number.isNaN(steps[1]!.gradient_norm));
});

Deno.test("steps that are read by hand and by the schema are the same, and neither takes what is none", () => {
  const step = { kind: "step", step: 3, lr: 0.1, momentum: 0.9, loss: 2.5 };
  const good = [step, { ...step, step: 0, lr: 0, loss: -1 }, { ...step, loss: null }, {
    ...step,
    gradient_norm: 1,
  }];
  for (const event of good) {
    const [read] = readEvents(JSON.stringify(event) + "\n", "events.jsonl");
    assert.deepEqual(read, trainEvent.parse(event));
  }
  const bad = [
    { ...step, step: -1 },
    { ...step, step: 0.5 },
    { ...step, step: 2 ** 60 },
    { ...step, lr: "0.1" },
    { ...step, momentum: null },
    { kind: "step", step: 3, lr: 0.1, momentum: 0.9, other: 1 },
    { ...step, kind: "steps" },
  ];
  for (const event of bad) {
    assert.ok(!trainEvent.safeParse(event).success);
    assert.throws(
      () => readEvents(JSON.stringify(event) + "\n", "events.jsonl"),
      /line 1/,
      JSON.stringify(event),
    );
  }
  assert.throws(
    () => readEvents(JSON.stringify(step).replace("2.5", "1e999") + "\n", "events.jsonl"),
    /line 1/,
  );
});
