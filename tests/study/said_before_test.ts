import assert from "node:assert/strict";
import { type SaidBefore, saidBefore } from "#study/experiment/said_before.ts";
import { saidBeforeSection } from "#report/sections/theory/said_before.ts";
import type { RunRecord } from "#results/run.ts";
import type { Block } from "#report/model.ts";
import { predict } from "#theory/prediction.ts";
import { experimentFixture } from "../support/experiment_fixture.ts";

const ARMS = ["constant", "step ×0.1", "step ×0.2", "step ×0.1, own rate"];
const { summary, records } = experimentFixture({ arms: ARMS });

function found(of = summary, from: readonly RunRecord[] = records): SaidBefore {
  const said = saidBefore(of, from);
  assert.ok(said !== null && typeof said === "object");
  return said;
}

Deno.test("bounds are those of the rates that runs recorded, ranked at the rates that they had", () => {
  const { arms, tuned, others, metrics } = found();
  assert.deepEqual([arms.map(({ arm }) => arm), others], [ARMS, []]);
  assert.deepEqual(metrics, ["test_accuracy", "training_loss"]);
  const rates = records[0]!.events.flatMap((event) => event.kind === "step" ? event.lr : []);
  assert.deepEqual(arms[0]!.prediction, predict(Float64Array.from(rates)));
  // One shape at two rates: the same bound at its best rate, another at its own.
  assert.ok(Math.abs(arms[1]!.prediction.boundRatio / arms[3]!.prediction.boundRatio - 1) < 1e-6);
  assert.ok(Math.abs(arms[3]!.rateOverBest / arms[1]!.rateOverBest - 2) < 1e-6);
  for (const { prediction, rateOverBest, boundRatio } of arms) {
    const bound = prediction.boundRatio * (rateOverBest + 1 / rateOverBest) / 2;
    assert.ok(Math.abs(boundRatio - bound) < 2e-6);
  }
  assert.deepEqual(arms.map(({ rank }) => rank).toSorted(), [1, 2, 3, 4]);
  assert.equal(tuned.length, summary.tuning.length === 0 ? 4 : tuned.length);
});

Deno.test("a decided comparison against the bound's order is one that it got wrong", () => {
  const said = found();
  const [best, worst] = [1, 4].map((rank) => said.arms.find((arm) => arm.rank === rank)!.arm) as [
    string,
    string,
  ];
  const [comparison] = summary.comparisons.filter(({ metric }) => metric === "test_accuracy");
  const decide = (verdict: "higher" | "lower") => ({
    ...summary,
    comparisons: [{ ...comparison!, arm: best, against: worst, verdict }],
  });
  const right = found(decide("higher"));
  assert.deepEqual([right.decided, right.wrong], [1, []]);
  const wrong = found(decide("lower"));
  assert.deepEqual([wrong.decided, wrong.wrong], [1, [{
    arm: best,
    against: worst,
    metric: "test_accuracy",
  }]]);
});

Deno.test("arms whose other settings differ are left out; without two alike there is a sentence", () => {
  const change = (arms: readonly string[]) =>
    records.map((record): RunRecord =>
      arms.includes(record.plan.arm)
        ? { ...record, plan: { ...record.plan, batch_size: 7 + arms.indexOf(record.plan.arm) } }
        : record
    );
  assert.deepEqual(found(summary, change([ARMS[2]!])).others, [ARMS[2]]);
  assert.match(String(saidBefore(summary, change(ARMS))), /no two arms are alike/);
  assert.equal(saidBefore({ ...summary, arms: summary.arms.slice(0, 1) }, records), null);
  assert.equal(saidBefore(summary, []), null);
});

Deno.test("a run that continues another is one run with the rates of both; averages of weights change nothing", () => {
  const [arm] = ARMS.slice(1, 2);
  const parents = records.filter(({ plan }) => plan.arm === arm).map((record): RunRecord => {
    const half = record.plan.total_steps / 2;
    const plan = { ...record.plan, id: `parent-${record.plan.seed}`, arm: "parent", total_steps: half };
    return {
      ...record,
      plan,
      events: record.events.filter((event) => event.kind === "step" && event.step < half),
    };
  });
  const continued = records.map((record): RunRecord => {
    const parent = parents.find(({ plan }) => plan.seed === record.plan.seed)!;
    if (record.plan.arm !== arm) return record;
    const averages = [{ kind: "ema", name: "ema", from: 0, every: 1, decay: 0.9 } as const];
    const start = { kind: "run", plan: parent.plan } as const;
    return {
      ...record,
      plan: { ...record.plan, averages, start, first_step: parent.plan.total_steps },
      events: record.events.filter((event) => event.kind !== "step" || event.step >= parent.plan.total_steps),
    };
  });
  assert.deepEqual(found(summary, [...parents, ...continued]).arms, found().arms);
  const others = parents.map((record): RunRecord => ({ ...record, plan: { ...record.plan, batch_size: 7 } }));
  const unlike = continued.map((record): RunRecord => {
    const parent = others.find(({ plan }) => plan.seed === record.plan.seed)!;
    return record.plan.arm === arm
      ? { ...record, plan: { ...record.plan, start: { kind: "run", plan: parent.plan } } }
      : record;
  });
  assert.deepEqual(found(summary, [...others, ...unlike]).others, [arm]);
});

Deno.test("the section shows ranks, correlations and what the bound cannot know", () => {
  const [section] = saidBeforeSection(summary, records);
  const [text, table, facts] = section!.blocks as [Block, Block, Block];
  assert.ok(text.kind === "text" && /knows no momentum/.test(text.text));
  assert.ok(table.kind === "table" && table.rows.length === 4);
  assert.ok(facts.kind === "facts");
  assert.match(facts.facts[0]!.label, /Spearman's correlation with test accuracy/);
  assert.match(facts.facts[0]!.value, /over 4 arms \(no interval/);
  assert.deepEqual(saidBeforeSection(summary, []), []);
});
