import assert from "node:assert/strict";
import { benchmarkMarkdown } from "#app/reports/benchmark_markdown.ts";
import { composeBenchmark } from "#report/compose/benchmark.ts";
import { figuresOf } from "#report/model.ts";
import { renderPage } from "#report/render/html.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { listed } from "#report/sections/benchmark/headline.ts";
import { inventedBenchmark, inventedScores } from "../../support/benchmark_scores.ts";

const result = inventedBenchmark();

Deno.test("a benchmark's page: the answer in one sentence, two pictures and the verdicts, the rest folded", async () => {
  const report = composeBenchmark(result);
  assert.match(
    report.title,
    /^Over 6 settings no evidence separates “(cosine|linear)”, .* at the top; “constant” ends detectably worse$/,
  );
  assert.match(
    report.summary,
    /^In these very settings, 4 seeds a setting put 2 of the other 3 families behind “/,
  );
  assert.deepEqual(report.overview.map(({ kind }) => kind), ["figure", "figure", "strip"]);
  assert.deepEqual(figuresOf(report).map(({ chart }) => chart.kind), ["ranks", "heatmap"]);
  assert.deepEqual(report.sections.map(({ id }) => id), [
    "answers",
    "families-over-settings",
    "by-setting",
    "robustness",
    "slices",
    "costs",
    "reading",
    "setup",
  ]);
  const page = await renderPage(report, { css: "", client: "", plotly: "" });
  assert.match(page, /<h1>Over 6 settings/);
});

Deno.test("in a terminal it fits into 39 lines, no line wider than the screen", () => {
  const text = renderTerminal(composeBenchmark(result), { columns: 80, color: false, page: "report.html" });
  const lines = text.trimEnd().split("\n");
  assert.ok(lines.length <= 39 && lines.every((line) => line.length <= 80), text);
  assert.match(text, /A letter in common: not separated/);
  assert.match(text, /Verdicts: 1 supported, 1 open/);
});

Deno.test("missing settings are named, and none at all leaves the setup", () => {
  const { settings, ...scores } = inventedScores();
  const unfinished = [{ name: "vit-1x", workload: "vit", length: 1, runs: 3, of: 120 }];
  const partial = composeBenchmark(inventedBenchmark({ ...scores, settings, unfinished }));
  assert.match(partial.notices[0]!.text, /^6 of 7 settings .* Missing: vit 1× \(3 of 120 runs\)\.$/);
  const none = composeBenchmark(inventedBenchmark({ ...scores, settings: [], unfinished }));
  assert.deepEqual([none.title, none.overview], ["No setting has finished all its runs", []]);
  assert.throws(
    () => benchmarkMarkdown(inventedBenchmark({ ...scores, settings: [], unfinished }), "00"),
    /no setting is finished/,
  );
});

Deno.test("the page of the docs has the tables, the digest and the command; cells are escaped", () => {
  const text = benchmarkMarkdown(result, "ab".repeat(32));
  for (
    const part of [
      "## Ranks and regrets",
      "](benchmark/ranks.svg)",
      "Mean rank by workload:",
      "gpt, perplexity:",
      "| constant | ",
      "_supported_",
      "constant \\| as it is",
      "ab".repeat(32),
      "    deno task benchmark\n",
    ]
  ) assert.ok(text.includes(part), part);
  const tables = text.split("\n\n").filter((block) => block.startsWith("| "));
  for (const table of tables) {
    const cells = table.split("\n").filter((line) => line.startsWith("|"))
      .map((line) => line.replaceAll("\\|", "").split("|").length);
    assert.equal(new Set(cells).size, 1, table);
  }
});

Deno.test("names in a sentence: a few, then how many more", () => {
  assert.equal(listed(["a"]), "a");
  assert.equal(listed(["a", "b", "c"]), "a, b and c");
  assert.equal(listed(["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
});
