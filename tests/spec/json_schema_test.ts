import assert from "node:assert/strict";
import { CATALOGUE } from "#schedules/entries.ts";
import { specJsonSchema } from "#spec/json_schema.ts";

const PUBLISHED = new URL("../../docs/spec.schema.json", import.meta.url);

// `UPDATE=1 deno task test tests/spec` writes it again after a change.
Deno.test("the published JSON Schema is the one that the code gives", async () => {
  const text = JSON.stringify(specJsonSchema(), null, 2) + "\n";
  if (Deno.env.get("UPDATE") === "1") await Deno.writeTextFile(PUBLISHED, text);
  assert.equal(await Deno.readTextFile(PUBLISHED), text, "run UPDATE=1 deno task test tests/spec");
});

Deno.test("the JSON Schema has every schedule with every key", () => {
  const { $defs } = specJsonSchema() as {
    $defs: { schedule: { oneOf: { properties: Record<string, unknown> }[] } };
  };
  const schedules = $defs.schedule.oneOf;
  assert.equal(schedules.length, CATALOGUE.names.length);
  schedules.forEach(({ properties }, index) => {
    const entry = CATALOGUE.entries[CATALOGUE.names[index]!]!;
    assert.deepEqual(Object.keys(properties), ["name", ...Object.keys(entry.params), "update"]);
  });
});
