import assert from "node:assert/strict";
import type { Experiment } from "#study/compare_experiments.ts";
import { composeComparison } from "#report/compose/comparison.ts";
import { composeIndex, type IndexEntry } from "#report/compose/index.ts";
import { differingSettings } from "#report/sections/comparisons/differing_settings.ts";
import { renderPage } from "#report/render/html.ts";
import type { Report } from "#report/model.ts";
import type { Table } from "#report/table.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";

const ASSETS = { css: "", client: "", plotly: "var Plotly;" };
const fixture = experimentFixture({ arms: ["constant", "cosine"], steps: 100, stepsPerEpoch: 20 });
const experiment = (folder: string, spec: unknown = null): Experiment => ({ folder, ...fixture, spec });
const tables = (report: Report, id: string) =>
  report.sections.find((section) => section.id === id)!.blocks.filter((block): block is Table =>
    block.kind === "table"
  );

Deno.test("specs are told apart by the settings that differ alone, arms by name wherever they stand", () => {
  const spec = (momentum: number, arms: unknown[]) => ({
    model: "a",
    optimizer: { name: "sgd", momentum },
    arms,
  });
  const constant = { name: "constant", schedule: { name: "constant", lr: 0.1 } };
  const cosine = (lr: number) => ({ name: "cosine", schedule: { name: "cosine", lr, T_max: "5 epochs" } });
  assert.deepEqual(
    differingSettings([spec(0.9, [constant, cosine(0.1)]), spec(0.5, [cosine(0.2), constant])]),
    [
      { path: "optimizer.momentum", values: ["0.9", "0.5"] },
      { path: "arms.cosine.schedule.lr", values: ["0.1", "0.2"] },
    ],
  );
  assert.deepEqual(differingSettings([spec(0.9, [constant, cosine(0.1)]), spec(0.9, [constant])]), [
    { path: "arms.cosine", values: ["schedule (name cosine, lr 0.1, T_max 5 epochs)", "–"] },
  ]);
  assert.deepEqual(
    differingSettings([{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }]),
    [],
    "order is no difference",
  );
  assert.deepEqual(differingSettings([{ a: null }, { a: [1, { b: true }] }]), [
    { path: "a", values: ["none", "[1, b true]"] },
  ]);
  assert.deepEqual(differingSettings([3, {}]), [{ path: "spec", values: ["3", ""] }]);
});

Deno.test("a comparison shows what differs, both experiments' curves, final figures and differences", () => {
  const report = composeComparison([
    experiment("runs/one", { optimizer: { momentum: 0.9 } }),
    experiment("runs/two", { optimizer: { momentum: 0.5 } }),
  ]);
  assert.deepEqual(report.series, ["A: constant", "A: cosine", "B: constant", "B: cosine"]);
  assert.deepEqual(tables(report, "differs")[0]!.rows.map(({ cells }) => cells), [[
    "optimizer.momentum",
    "0.9",
    "0.5",
  ]]);
  assert.deepEqual(tables(report, "arms")[0]!.rows.map(({ cells }) => cells[0]), report.series);
  const curves = report.sections.find(({ id }) => id === "curves")!.blocks;
  for (const block of curves) {
    assert.ok(block.kind === "figure" && block.chart.kind === "lines");
    assert.deepEqual(block.chart.lines.map(({ label }) => label), report.series);
  }
  const [accuracy] = tables(report, "differences");
  assert.deepEqual(accuracy!.rows.map(({ cells }) => [...cells.slice(0, 3), ...cells.slice(4)]), [
    ["B: constant", "A: constant", "0.0", "no difference that matters", "3 pairs"],
    ["B: cosine", "A: cosine", "0.0", "no difference that matters", "3 pairs"],
  ]);
  assert.match(
    report.title,
    /^No difference in test accuracy between “B: constant” and “A: constant” in 3 seeds$/,
  );
  assert.deepEqual(report.notices, []);
});

Deno.test("what is not alike is said before any figure", () => {
  const { summary } = fixture;
  const other = {
    ...experiment("runs/two"),
    summary: {
      ...summary,
      complete: false,
      dataset: { ...summary.dataset, digest: "another" },
      device: { ...summary.device, name: "another" },
    },
  };
  const report = composeComparison([experiment("runs/one"), other]);
  const told = report.notices.map(({ text }) => text).join("\n");
  assert.match(told, /Experiment B was stopped before its end/);
  assert.match(
    told,
    /“B: constant” and “A: constant”; .* are not comparable: the images or their split differ/,
  );
  assert.match(told, /ran on different devices/);
  assert.match(report.title, /side by side$/);
  assert.match(tables(report, "differs")[0]!.note, /spec.yaml is missing for A, B/);
  assert.ok(tables(report, "differences")[0]!.rows.every(({ cells }) => cells[4] === "not comparable"));
});

Deno.test("the index lists the newest first, links what has a report, and tells what is wrong with the rest", async () => {
  const { summary } = fixture;
  const at = (time: string) => ({ ...summary, provenance: { ...summary.provenance, at: time } });
  const entries: IndexEntry[] = [
    { kind: "experiment", folder: "old", hasReport: false, summary: at("2026-01-01T00:00:00.000Z") },
    { kind: "broken", folder: "<b>", wrong: "it is torn" },
    {
      kind: "experiment",
      folder: `javascript:"#?`,
      hasReport: true,
      summary: { ...at("2026-02-01T00:00:00.000Z"), complete: false },
    },
  ];
  const result = {
    kind: "range-test",
    name: "a ramp",
    provenance: { at: "2026-03-01T12:34:56.000Z" },
    dataset: { name: "shapes" },
    model: "mlp",
    answers: [{ verdict: "supported" }, { verdict: "supported" }],
  };
  entries.push({ kind: "other", folder: "ramp", hasReport: true, result });
  const report = composeIndex("runs", entries);
  const [experiments] = tables(report, "experiments");
  assert.deepEqual(experiments!.rows.map(({ cells }) => cells[1]), ["ramp", `javascript:"#?`, "old"]);
  assert.deepEqual(experiments!.rows[0]!.cells, [
    "a ramp",
    "ramp",
    "2026-03-01 12:34",
    "shapes, mlp",
    "–",
    "range test",
    "–",
    "2 supported",
  ]);
  assert.match(experiments!.rows[1]!.cells[6]!, /^incomplete, 6 finished$/);
  const page = await renderPage(report, ASSETS);
  assert.deepEqual([...page.matchAll(/<th [^>]*><a href="([^"]*)"/g)].map(([, href]) => href), [
    "./ramp/report.html",
    "./javascript%3A%22%23%3F/report.html",
  ]);
  assert.ok(page.includes("it is torn") && !page.includes("<b>"));
  assert.ok(!page.includes(ASSETS.plotly), "no chart, no chart library");
  assert.match(composeIndex("runs", []).title, /^0 experiments$/);
});
