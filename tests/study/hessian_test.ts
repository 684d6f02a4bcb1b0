import assert from "node:assert/strict";
import { hessianSection } from "#report/sections/hessian/hessian_section.ts";
import { hessianCurve } from "#study/experiment/hessian.ts";
import { experimentFixture } from "../support/experiment_fixture.ts";

/** One arm measured on its first seed, with an eigenvalue below 0 in between. */
function measured() {
  const { summary, records } = experimentFixture({ arms: ["cosine", "step"], steps: 40, stepsPerEpoch: 10 });
  const [first] = records.filter(({ plan }) => plan.arm === "cosine");
  const events = [5, -1, 20].map((eigenvalue, index) => ({
    kind: "hessian" as const,
    step: 10 * index,
    eigenvalue,
    residual: 0.1,
    products: 4,
    preconditioned: false,
    limit: index === 0 ? null : 16,
    images: 32,
  }));
  const extended = records.map((record) =>
    record === first ? { ...record, events: [...events, ...record.events] } : record
  );
  const arms = summary.arms.map(({ name }, series) => ({
    arm: name,
    series,
    runs: extended.filter(({ plan }) => plan.arm === name && plan.role === "arm"),
    failed: new Set<number>(),
  }));
  return { arms, record: extended.find(({ events }) => events.some(({ kind }) => kind === "hessian"))! };
}

Deno.test("the curve of a run has its positive eigenvalues, and none over the limit where there is no rate", () => {
  const { record } = measured();
  assert.deepEqual(hessianCurve(record, "eigenvalue"), { steps: [0, 20], values: [5, 20] });
  assert.deepEqual(hessianCurve(record, "overLimit"), { steps: [20], values: [1.25] });
});

Deno.test("the section shows the arms that were measured, with the limit as a level", () => {
  const { arms } = measured();
  const [section] = hessianSection(arms);
  const figures = section!.blocks.filter((block) => block.kind === "figure");
  assert.deepEqual(figures.map(({ id }) => id), ["over-stability-limit", "largest-eigenvalue"]);
  const [{ chart }] = figures as [typeof figures[0]];
  assert.ok(chart.kind === "lines");
  assert.deepEqual(chart.levels, [{ label: "stability limit", value: 1 }]);
  assert.deepEqual(chart.lines.map(({ label, x, y }) => [label, x, y]), [["cosine", [20], [1.25]]]);
  const table = section!.blocks.find((block) => block.kind === "table")!;
  assert.deepEqual(table.rows.map(({ cells }) => cells), [["cosine", "1", "5", "20", "20", "1.25", "100"]]);
  assert.deepEqual(hessianSection(arms.slice(1)), []);
});
