import assert from "node:assert/strict";
import { judge } from "#study/judgement.ts";
import { sharesOverLooks } from "#study/experiment/looks.ts";
import { pairedDifference } from "#stats/paired.ts";

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const OPTIONS = { unit: "points", scale: 100, margin: 0.01, better: "higher", failing: "fails" } as const;

/** Two arms over eight seeds: how many fail of each, and the differences of the others. */
function arms(failed: number, otherFailed: number, differences: (seed: number) => number) {
  const has = (count: number) => new Map(SEEDS.map((seed) => [seed, seed <= count]));
  const failures = sharesOverLooks(has(failed), has(otherFailed), { seeds: SEEDS, counts: [8], family: 1 });
  const left = SEEDS.filter((seed) => seed > Math.max(failed, otherFailed));
  const measured = pairedDifference(
    new Map(left.map((seed) => [seed, differences(seed)])),
    new Map(left.map((seed) => [seed, 0])),
  );
  return { measured, failures };
}
const up = (seed: number) => 0.05 + 0.002 * Math.sin(seed);
const down = (seed: number) => -up(seed);
const same = (seed: number) => 0.002 * Math.sin(seed);

Deno.test("without failures the figures decide", () => {
  assert.equal(judge(arms(0, 0, up), { kind: "higher" }, OPTIONS).kind, "supported");
  assert.equal(judge(arms(0, 0, up), { kind: "lower" }, OPTIONS).kind, "contradicted");
  assert.equal(judge(arms(0, 0, same), { kind: "higher" }, OPTIONS).kind, "equivalent");
  assert.equal(judge(arms(0, 0, same), { kind: "within", margin: 0.02 }, OPTIONS).kind, "supported");
});

Deno.test("eight failures of eight against none decide a question of accuracy", () => {
  const none = judge(arms(0, 8, up), { kind: "higher" }, OPTIONS);
  assert.ok(none.kind === "supported" && none.decided_by === "failures");
  assert.equal(none.effect, -100);
  assert.equal(none.interval[0], -100);
  assert.ok(none.interval[1] < -50);
  assert.equal(none.runs, 16);
  assert.equal(judge(arms(8, 0, up), { kind: "higher" }, OPTIONS).kind, "contradicted");
  assert.equal(judge(arms(8, 0, up), { kind: "within", margin: 0.02 }, OPTIONS).kind, "contradicted");
  assert.equal(judge(arms(8, 0, up), { kind: "lower" }, OPTIONS).kind, "supported");
  // A loss is better lower: the arm that fails has the higher one.
  const loss = { ...OPTIONS, better: "lower" } as const;
  assert.equal(judge(arms(8, 0, up), { kind: "higher" }, loss).kind, "supported");
  // How much higher, failures do not say.
  const size = judge(arms(0, 8, up), { kind: "higher", by: 0.05 }, OPTIONS);
  assert.ok(size.kind === "inconclusive" && /measure the size/.test(size.missing));
});

Deno.test("the others never decide for an arm that fails more often, nor for no difference", () => {
  const open = judge(arms(2, 0, up), { kind: "higher" }, OPTIONS);
  assert.ok(open.kind === "inconclusive");
  assert.match(
    open.missing,
    /^fails in 2 of 8 runs against 0 of 8, which may be chance, while of the others the figure is higher$/,
  );
  assert.ok(open.interval![0] > 0);
  assert.equal(judge(arms(2, 0, down), { kind: "lower" }, OPTIONS).kind, "supported");
  assert.equal(judge(arms(2, 0, down), { kind: "higher" }, OPTIONS).kind, "contradicted");
  assert.equal(judge(arms(0, 2, up), { kind: "higher" }, OPTIONS).kind, "supported");
  assert.equal(judge(arms(1, 0, same), { kind: "higher" }, OPTIONS).kind, "inconclusive");
  assert.equal(judge(arms(1, 0, same), { kind: "within", margin: 0.02 }, OPTIONS).kind, "inconclusive");
  // As many failures of both say nothing for either.
  assert.equal(judge(arms(2, 2, same), { kind: "within", margin: 0.02 }, OPTIONS).kind, "supported");
  assert.equal(judge(arms(2, 2, up), { kind: "higher" }, OPTIONS).kind, "supported");
});

Deno.test("where failures and the others say opposite things, the question stays open", () => {
  const open = judge(arms(6, 0, up), { kind: "higher" }, OPTIONS);
  assert.ok(open.kind === "inconclusive");
  assert.match(
    open.missing,
    /^fails in 6 of 8 runs against 0 of 8, which is no chance, while of the others the figure is higher$/,
  );
  assert.equal(judge(arms(6, 0, down), { kind: "higher" }, OPTIONS).kind, "contradicted");
});

Deno.test("all runs of both arms failed: there is nothing to compare, and it says so", () => {
  const none = judge(arms(8, 8, up), { kind: "higher" }, OPTIONS);
  assert.ok(none.kind === "inconclusive");
  assert.match(
    none.missing,
    /at least 2 seeds in both arms \(there are 0\); fails in 8 of 8 runs against 8 of 8$/,
  );
});
