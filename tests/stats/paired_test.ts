import assert from "node:assert/strict";
import { pairedDifference } from "#stats/paired.ts";
import { random } from "#lib/prng.ts";
import { studentQuantile } from "#stats/distributions.ts";
import { MAX_SEEDS, pairedPower, seedsNeeded } from "#stats/power.ts";
import { mean, sampleSd } from "#stats/summary.ts";
import { verdictOf } from "#stats/verdict.ts";

const values = (...pairs: [number, number | null][]) => new Map(pairs);

Deno.test("pairs by seed, whatever the order, and states the direction", () => {
  const arm = values([3, 0.73], [1, 0.71], [2, 0.72]);
  const against = values([1, 0.61], [2, 0.615], [3, 0.625]);
  const result = pairedDifference(arm, against);
  assert.ok(Math.abs(result.difference! - 0.31 / 3) < 1e-12);
  assert.equal(result.seeds, 3);
  assert.equal(result.verdict, "higher");
  assert.ok(result.interval![0] > 0);
  assert.equal(pairedDifference(against, arm).verdict, "lower");
});

Deno.test("pairing takes out what the seeds do: the same values unpaired by one seed tell nothing", () => {
  const against = values([1, 0.2], [2, 0.5], [3, 0.8]);
  const arm = values([1, 0.25], [2, 0.56], [3, 0.85]);
  assert.equal(pairedDifference(arm, against).verdict, "higher");
  const shuffled = values([1, 0.85], [2, 0.25], [3, 0.56]);
  assert.equal(pairedDifference(shuffled, against).verdict, "no detectable difference");
});

Deno.test("runs without a value drop out by name; below two pairs there is no verdict", () => {
  const result = pairedDifference(
    values([1, 0.7], [2, null], [4, 0.7]),
    values([1, 0.6], [2, 0.6], [3, NaN]),
  );
  assert.deepEqual(result.dropped, [2, 3, 4]);
  assert.equal(result.seeds, 1);
  assert.equal(result.verdict, "not enough runs");
  assert.equal(result.interval, null);
  assert.ok(Math.abs(result.difference! - 0.1) < 1e-12);
  assert.equal(pairedDifference(new Map(), new Map()).difference, null);
});

Deno.test("equal readings don't pass for certainty: the interval spans the resolution", () => {
  const arm = values([1, 300], [2, 300], [3, 300]);
  const against = values([1, 400], [2, 400], [3, 400]);
  assert.deepEqual(pairedDifference(arm, against).interval, [-100, -100]);
  assert.deepEqual(pairedDifference(arm, against, { resolution: 100 }).interval, [-200, 0]);
  assert.equal(pairedDifference(arm, against, { resolution: 100 }).verdict, "no detectable difference");
});

Deno.test("seeds needed are those of Cohen's tables for a paired t test at 80 % power", () => {
  // Small, medium and large effect (Cohen 1988): 0.2, 0.5 and 0.8 standard deviations.
  assert.equal(seedsNeeded(0.2, 1), 199);
  assert.equal(seedsNeeded(-0.5, 1), 34);
  assert.equal(seedsNeeded(1.6, 2), 15);
  assert.equal(seedsNeeded(0, 1), Infinity);
  assert.equal(seedsNeeded(1, 0), 2);
  assert.equal(seedsNeeded(1e-9, 1), MAX_SEEDS);
  assert.throws(() => seedsNeeded(NaN, 1), /must be finite/);
});

Deno.test("power is what simulation finds, from 2 seeds up", () => {
  for (const [effect, seeds] of [[3, 2], [1.5, 3], [1, 10]] as const) {
    const source = random(7, "power", seeds);
    const critical = studentQuantile(0.975, seeds - 1);
    let found = 0;
    for (let trial = 0; trial < 20_000; trial++) {
      const sample = Array.from({ length: seeds }, () => effect + source.normal());
      if (mean(sample) > critical * sampleSd(sample) / Math.sqrt(seeds)) found++;
    }
    const expected = pairedPower(effect, 1, seeds);
    // Three standard errors of 20,000 trials are at most 0.0106.
    assert.ok(
      Math.abs(found / 20_000 - expected) < 0.011,
      `${seeds} seeds: ${found / 20_000}, not ${expected}`,
    );
  }
});

const compared = (difference: number, interval: [number, number]) => ({
  difference,
  interval,
  seeds: 3,
  dropped: [],
  spread: 0.01,
  verdict: "no detectable difference" as const,
});
const points = { unit: "points", scale: 100 };

Deno.test("a verdict needs the whole interval on one side", () => {
  const up = compared(0.03, [0.01, 0.05]);
  assert.deepEqual(verdictOf(up, { kind: "higher" }, points), {
    kind: "supported",
    effect: 3,
    interval: [1, 5],
    runs: 6,
  });
  assert.equal(verdictOf(up, { kind: "lower" }, points).kind, "contradicted");
  assert.equal(verdictOf(up, { kind: "higher", by: 0.02 }, points).kind, "inconclusive");
  assert.equal(verdictOf(up, { kind: "higher", by: 0.06 }, points).kind, "contradicted");
  assert.equal(verdictOf(up, { kind: "within", margin: 0.06 }, points).kind, "supported");
  assert.equal(verdictOf(up, { kind: "within", margin: 0.005 }, points).kind, "contradicted");
});

Deno.test("an inconclusive verdict says what is missing", () => {
  const open = verdictOf(compared(0.006, [-0.01, 0.022]), { kind: "higher" }, points);
  assert.ok(open.kind === "inconclusive");
  assert.equal(
    open.missing,
    "3 seeds leave [−1, 2.2] points; about 24 would tell a difference of this size from zero",
  );
  const few = verdictOf(
    pairedDifference(values([1, 0.7], [2, null]), values([1, 0.6], [2, 0.5])),
    { kind: "higher" },
    points,
  );
  assert.ok(few.kind === "inconclusive");
  assert.equal(
    few.missing,
    "at least 2 seeds in both arms (there are 1); without a value in both arms: seed 2",
  );
});
