import assert from "node:assert/strict";
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
