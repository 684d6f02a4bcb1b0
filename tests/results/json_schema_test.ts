import assert from "node:assert/strict";
import { resultJsonSchemas } from "#results/json_schema.ts";

const PUBLISHED = new URL("../../docs/schemas/", import.meta.url);

// `UPDATE=1 deno task test tests/results` writes them again after a change.
Deno.test("the published JSON Schemas of results are those that the code gives", async () => {
  const names: string[] = [];
  for (const [name, schema] of resultJsonSchemas()) {
    const path = new URL(`${name}.schema.json`, PUBLISHED);
    const text = JSON.stringify(schema, null, 2) + "\n";
    if (Deno.env.get("UPDATE") === "1") await Deno.writeTextFile(path, text);
    assert.equal(await Deno.readTextFile(path), text, "run UPDATE=1 deno task test tests/results");
    names.push(`${name}.schema.json`);
  }
  const there = (await Array.fromAsync(Deno.readDir(PUBLISHED))).map((entry) => entry.name);
  assert.deepEqual(there.sort(), names.sort());
});
