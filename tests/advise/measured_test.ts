import assert from "node:assert/strict";
import { MEAN_RANKS } from "#advise/measured.ts";

Deno.test("every rank that a recommendation gives as a reason stands in docs/benchmark.md", () => {
  const page = Deno.readTextFileSync(new URL("../../docs/benchmark.md", import.meta.url));
  const cells = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const table = cells.slice(
    cells.findIndex(([, first, second]) => first === "family" && second === "mean rank"),
  );
  for (const [family, rank] of Object.entries(MEAN_RANKS)) {
    assert.equal(table.find(([, name]) => name === family)?.[2], rank, family);
  }
});
