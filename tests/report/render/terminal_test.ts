import assert from "node:assert/strict";
import { composeReport } from "#report/compose/experiment.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";

const ESCAPE = "\x1b";
const fixture = experimentFixture({ steps: 100, stepsPerEpoch: 20, complete: false });
const report = composeReport(fixture.summary, fixture.records);

Deno.test("the terminal has the page's first screen in fewer than 40 lines, and says where the rest is", () => {
  const text = renderTerminal(report, { columns: 120, color: false, page: "runs/x/report.html" });
  assert.ok(text.replaceAll("\n", " ").includes(report.title));
  assert.match(text, /^Partial report: The experiment was stopped/m);
  assert.match(text, /^constant +[▁-█]+ +[▁-█ ]+ +\d\d\.\d$/m, "rate, accuracy, and where it ends");
  assert.match(text, /^step ×0\.1 .*├─*●─*┤ +\d+\.\d$/m, "the interval of the difference");
  assert.match(text, /^Verdicts: 1 supported, 1 contradicted, 1 open$/m);
  assert.match(text, /^\? open +Does step decay converge faster\? \(expected: yes\)$/m);
  assert.match(text, /^x contradicted +Challenge/m);
  assert.match(text, /--verbose .*\nReport: runs\/x\/report\.html\n$/);
  assert.ok(text.split("\n").length <= 40 && !text.includes(ESCAPE));
});

Deno.test("with many arms and questions the last questions give way, the decided ones stay", () => {
  const arms = Array.from({ length: 9 }, (_, index) => `arm ${index}`);
  const many = experimentFixture({ arms, steps: 60, stepsPerEpoch: 20 });
  const answers = Array.from({ length: 8 }, () => many.summary.answers).flat();
  const composed = composeReport({ ...many.summary, answers }, many.records);
  const text = renderTerminal(composed, { columns: 80, color: false, page: "x" });
  assert.ok(text.split("\n").length <= 40, text);
  assert.match(text, /^Verdicts: 8 supported, 8 contradicted, 8 open$/m);
  assert.match(text, /^ {2}and \d+ more$/m);
  assert.doesNotMatch(text, /^\? open/m);
});

Deno.test("a verbose terminal shows every answer in full, and the very cells of the page's tables", () => {
  const text = renderTerminal(report, { columns: 300, color: false, page: null, verbose: true });
  assert.match(text, /^\? Does step decay converge faster\?\n {4}expected: .+\n {4}open: 3 seeds leave/m);
  assert.match(
    text,
    /^\+ Does cutting.*\n {4}expected: .+\n {4}supported: \+9\.8 points \[8\.2, 11\.6\], 6 runs$/m,
  );
  for (const { brief, blocks } of report.sections) {
    for (const block of blocks) {
      if (!brief || block.kind !== "table") continue;
      for (const { cells } of block.rows) for (const cell of cells) assert.ok(text.includes(cell), cell);
    }
  }
});

Deno.test("no line is wider than the terminal, whatever the names", () => {
  const odd = experimentFixture({
    arms: ["a".repeat(90), "two words ".repeat(12), "ok\x1b[2J"],
    steps: 60,
    stepsPerEpoch: 20,
  });
  const composed = composeReport(odd.summary, odd.records);
  for (const columns of [40, 50, 80, 120]) {
    for (const verbose of [false, true]) {
      const text = renderTerminal(composed, { columns, color: false, page: "x", verbose });
      for (const line of text.split("\n")) {
        assert.ok(Array.from(line).length <= columns, `${columns}: ${line}`);
      }
      assert.ok(!text.includes(ESCAPE), "a name cannot control the terminal");
    }
  }
});

Deno.test("colour is opened and closed", () => {
  const text = renderTerminal(report, { columns: 80, color: true, page: null });
  const opened = text.split(/\[(?:1|2|3[1-7])m/).length - 1;
  const closed = text.split(/\[(?:22|39)m/).length - 1;
  assert.ok(opened > 5 && opened === closed, `${opened} opened, ${closed} closed`);
});
