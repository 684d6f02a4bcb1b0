import assert from "node:assert/strict";
import { catalogMarkdown } from "#app/commands/schedule/catalog_markdown.ts";

const PUBLISHED = new URL("../../docs/schedules.md", import.meta.url);

// `UPDATE=1 deno task test tests/app/schedule_docs_test.ts` writes it again after a change.
Deno.test("docs/schedules.md is what the catalogue says", async () => {
  const text = catalogMarkdown();
  if (Deno.env.get("UPDATE") === "1") await Deno.writeTextFile(PUBLISHED, text);
  assert.equal(
    await Deno.readTextFile(PUBLISHED),
    text,
    "run UPDATE=1 deno task test tests/app/schedule_docs_test.ts",
  );
});
