import assert from "node:assert/strict";
import { pairedDifference } from "#stats/paired.ts";
import { random } from "#lib/prng.ts";
import { studentQuantile } from "#stats/distributions.ts";
import { MAX_SEEDS, pairedPower, seedsNeeded } from "#stats/power.ts";
import { mean, sampleSd } from "#stats/summary.ts";
import { planSeeds, spreadInterval } from "#stats/planning.ts";
import { familyCoverage } from "./family_coverage.ts";
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
  const [low, high] = pairedDifference(arm, against, { resolution: 100 }).interval!;
  const floor = 100 * studentQuantile(0.975, 2) / Math.sqrt(18);
  assert.ok(Math.abs(low + 100 + floor) < 1e-9 && Math.abs(high + 100 - floor) < 1e-9 && floor > 100);
  assert.equal(pairedDifference(arm, against, { resolution: 100 }).verdict, "no detectable difference");
});

Deno.test("two equal pairs of rounded readings tell nothing, eight tell no more than the resolution", () => {
  const equal = (count: number, value: number) =>
    new Map(Array.from({ length: count }, (_, seed) => [seed, value] as const));
  const two = pairedDifference(equal(2, 900), equal(2, 450), { resolution: 150 });
  assert.equal(two.verdict, "no detectable difference");
  const eight = pairedDifference(equal(8, 900), equal(8, 450), { resolution: 150 });
  assert.deepEqual(eight.interval, [300, 600]);
});

Deno.test("an interval reported with seven others is wider about its mean, and the one of its own is kept", () => {
  const arm = values([1, 0.61], [2, 0.63], [3, 0.62]);
  const against = values([1, 0.6], [2, 0.6], [3, 0.6]);
  const alone = pairedDifference(arm, against);
  const among = pairedDifference(arm, against, { family: 8 });
  assert.deepEqual(among.uncorrected, alone.interval);
  const factor = studentQuantile(1 - 0.025 / 8, 2) / studentQuantile(0.975, 2);
  for (const end of [0, 1]) {
    const [wide, narrow] = [among, alone].map(({ interval, difference }) => interval![end]! - difference!);
    assert.ok(Math.abs(wide! / narrow! - factor) < 1e-9, `${wide} / ${narrow}`);
  }
  assert.equal(alone.family, 1);
  assert.throws(() => pairedDifference(arm, against, { family: 0 }), /whole number >= 1/);
});

Deno.test("the intervals of a family hold together, where intervals of their own do not", () => {
  for (const count of [3, 5]) {
    // Standard error at 95 % over 600 experiments: 0.9 points; measured at 4,000: 94.9 % and 95.6 %.
    const corrected = familyCoverage(count, 8, { experiments: 600, corrected: true });
    assert.ok(corrected > 0.92, `${count} seeds: ${corrected}`);
    const alone = familyCoverage(count, 8, { experiments: 600, corrected: false });
    assert.ok(alone < 0.8, `${count} seeds, uncorrected: ${alone}`);
  }
});

Deno.test("a plan of seeds carries the uncertainty of the spread and of the number of comparisons", () => {
  const [small, large] = planSeeds([0.01, 0.05], 0.02, 3);
  assert.equal(small!.seeds, seedsNeeded(0.01, 0.02));
  assert.ok(small!.range[0] < small!.seeds && small!.seeds < small!.range[1]);
  assert.ok(large!.seeds < small!.seeds);
  assert.ok(planSeeds([0.01], 0.02, 3, { family: 8 })[0]!.seeds > small!.seeds);
  // With more seeds behind it the same spread is known better.
  const [known] = planSeeds([0.01], 0.02, 30);
  assert.ok(known!.range[1] - known!.range[0] < small!.range[1] - small!.range[0]);
  assert.throws(() => planSeeds([0.01], 0.02, 1), /at least 2/);
});

Deno.test("the interval of a spread holds the true one as often as it says", () => {
  const source = random(3, "spread");
  let held = 0;
  for (let trial = 0; trial < 4_000; trial++) {
    const [low, high] = spreadInterval(sampleSd(Array.from({ length: 4 }, source.normal)), 4, 0.8);
    if (low <= 1 && 1 <= high) held++;
  }
  // Three standard errors are 0.019.
  assert.ok(Math.abs(held / 4_000 - 0.8) < 0.019, `${held / 4_000}`);
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
  uncorrected: interval,
  family: 1,
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
  // No pair differs at all: what is equal is neither higher nor lower.
  const equal = compared(0, [0, 0]);
  assert.equal(verdictOf(equal, { kind: "higher" }, points).kind, "contradicted");
  assert.equal(verdictOf(equal, { kind: "lower" }, points).kind, "contradicted");
  assert.equal(verdictOf(equal, { kind: "within", margin: 0.01 }, points).kind, "supported");
});

Deno.test("an interval within the margin is no difference that matters, unless it already decides", () => {
  const small = compared(0.002, [-0.004, 0.008]);
  const within = { ...points, margin: 0.01 };
  assert.deepEqual(verdictOf(small, { kind: "higher" }, within), {
    kind: "equivalent",
    effect: 0.2,
    interval: [-0.4, 0.8],
    runs: 6,
    margin: 1,
  });
  assert.equal(verdictOf(small, { kind: "higher" }, points).kind, "inconclusive");
  assert.equal(verdictOf(compared(0.002, [-0.004, 0.01]), { kind: "higher" }, within).kind, "inconclusive");
  // Supported and contradicted come first: a small difference is one all the same.
  const above = compared(0.004, [0.001, 0.007]);
  assert.equal(verdictOf(above, { kind: "higher" }, within).kind, "supported");
  assert.equal(verdictOf(above, { kind: "lower" }, within).kind, "contradicted");
});

Deno.test("an inconclusive verdict says what is missing", () => {
  const open = verdictOf(compared(0.006, [-0.01, 0.022]), { kind: "higher" }, points);
  assert.ok(open.kind === "inconclusive");
  assert.equal(
    open.missing,
    "3 seeds leave [−1, 2.2] points: neither sign is ruled out; a difference of 0.8 points would show with about 15 seeds (8 to 119)",
  );
  const named = verdictOf(compared(0.006, [-0.01, 0.022]), { kind: "higher" }, { ...points, margin: 0.01 });
  assert.ok(named.kind === "inconclusive");
  assert.match(named.missing, /; a difference of 1 point would show with about 10 seeds \(6 to 77\)$/);
  assert.deepEqual([named.effect, named.interval![0], named.margin], [0.6, -1, 1]);
  const aside = verdictOf(compared(0.02, [0.005, 0.035]), { kind: "within", margin: 0.01 }, points);
  assert.ok(aside.kind === "inconclusive");
  assert.match(
    aside.missing,
    /^3 seeds leave \[0\.5, 3\.5\] points: higher, but whether by more than 1 point is open; a difference of 1 point would show/,
  );
  const near = verdictOf(
    { ...compared(0.02, [0.005, 0.035]), seeds: 40 },
    { kind: "higher", by: 0.01 },
    points,
  );
  assert.match(
    near.kind === "inconclusive" ? near.missing : near.kind,
    /is open; more seeds decide it, unless the true difference is close to 1 point$/,
  );
  const small = verdictOf(
    { ...compared(0.006, [-0.001, 0.013]), seeds: 40 },
    { kind: "higher" },
    { ...points, margin: 0.01 },
  );
  assert.match(
    small.kind === "inconclusive" ? small.missing : small.kind,
    /sign is ruled out; a difference of 1 point would likely have shown; a smaller one takes more seeds$/,
  );
  const loose = verdictOf({ ...compared(0, [-9, 9]), spread: 10 }, { kind: "higher", by: 0.01 }, points);
  assert.ok(
    loose.kind === "inconclusive" && /1 point would show with over 10,000 seeds$/.test(loose.missing),
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

Deno.test("the difference of two shares cannot be beyond 1, and its interval ends there", () => {
  const arm = new Map([[1, 0.9], [2, 0.8], [3, 0.85]]);
  const against = new Map([[1, 0.1], [2, 0.3], [3, 0.1]]);
  const free = pairedDifference(arm, against, { family: 8 });
  assert.ok(free.interval![0] > -1 && free.interval![1] > 1, String(free.interval));
  const cut = pairedDifference(arm, against, { family: 8, largest: 1 });
  assert.deepEqual(cut.interval, [free.interval![0], 1]);
  assert.deepEqual({ ...cut, interval: null, uncorrected: null }, {
    ...free,
    interval: null,
    uncorrected: null,
  });
});

Deno.test("an interval from one end of the range to the other is none", () => {
  const arm = new Map([[1, 0.9], [2, 0.4]]);
  const against = new Map([[1, 0.2], [2, 0.6]]);
  const { interval, uncorrected, seeds, verdict } = pairedDifference(arm, against, { largest: 1, family: 8 });
  assert.deepEqual([interval, uncorrected, seeds, verdict], [null, null, 2, "not enough runs"]);
});

Deno.test("equal counts leave room for rare runs that differ by one", () => {
  const zeros = new Map(Array.from({ length: 16 }, (_, seed) => [seed, 0]));
  const { interval } = pairedDifference(zeros, zeros, { counted: true });
  // (1 − p)¹⁶ = 0.025 at p = 0.206, and ln(40)/16 is a little more.
  assert.deepEqual(interval!.map((end) => end.toFixed(3)), ["-0.231", "0.231"]);
});
