import assert from "node:assert/strict";
import fc from "fast-check";
import { planChecks, planRamps, rampSchedule, type RangeSetup } from "#study/lr_range_test/plan.ts";
import type { Ramp, RangeRun, RateSuggestion } from "#results/lr_range.ts";
import { candidatesOf, nextRates } from "#study/lr_range_test/candidates.ts";
import { chosenOf, rangeRuns, suggestionsOf } from "#study/lr_range_test/suggest.ts";
import { validate } from "#study/lr_range_test/validate.ts";
import type { RunRecord } from "#results/run.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { TrainEvent } from "#train/events.ts";
import { coverage } from "./range_rules_coverage.ts";

const SETUP: RangeSetup = {
  dataset: { name: "shapes", train: 96, validation: 40, test: 10, augment: [] },
  model: "cnn-small",
  optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null },
  batch_size: 16,
};

Deno.test("a ramp holds both its ends, equal ratios or equal differences between", () => {
  const shape = { totalSteps: 50, stepsPerEpoch: 6 };
  for (const kind of ["exponential", "linear"] as const) {
    const { lr } = buildSchedule(rampSchedule({ from: 1e-5, to: 2, steps: 50, shape: kind }), shape);
    for (let t = 0; t < 50; t++) {
      const expected = kind === "linear" ? 1e-5 + ((2 - 1e-5) * t) / 49 : 1e-5 * 2e5 ** (t / 49);
      assert.ok(Math.abs(lr(t) - expected) < 1e-12, `${kind} at ${t}`);
    }
  }
  const wrong: Partial<Ramp>[] = [{ from: 0 }, { from: 2 }, { to: NaN }, { to: Infinity }, { steps: 1 }, {
    steps: 2.5,
  }];
  for (const part of wrong) {
    assert.throws(
      () => rampSchedule({ from: 1e-5, to: 2, steps: 50, shape: "linear", ...part }),
      RangeError,
    );
  }
});

Deno.test("plans: a ramp a seed; short runs with other seeds, none reads test data", () => {
  const ramps = planRamps(
    SETUP,
    { ramp: { from: 1e-5, to: 1, steps: 30, shape: "exponential" }, smoothing: 0.9 },
    [1, 2 ** 31 - 1],
    96,
  );
  assert.deepEqual(ramps.map(({ id, total_steps, steps_per_epoch }) => [id, total_steps, steps_per_epoch]), [
    ["ramp-1", 30, 6],
    ["ramp-2147483647", 30, 6],
  ]);
  const checks = planChecks(SETUP, [0.01], [1, 2 ** 31 - 1], 20, 96);
  assert.deepEqual(checks.map(({ seed }) => seed), [50_001, 49_999]);
  assert.ok([...ramps, ...checks].every(({ read_test }) => !read_test));
  assert.equal(new Set(checks.map(({ id }) => id)).size, 2);
});

Deno.test("a loss whose weights change over the run is refused, fixed weights are not", () => {
  const planned = (weight: number | { name: string; lr: number; T_max: string }) =>
    planRamps(
      { ...SETUP, loss: { name: "sum", components: [{ name: "focal", gamma: 2, weight }] } },
      { ramp: { from: 1e-5, to: 1, steps: 30, shape: "exponential" }, smoothing: 0.9 },
      [1],
      96,
    );
  assert.equal(planned(2).length, 1);
  assert.throws(
    () => planned({ name: "cosine", lr: 1, T_max: "100%" }),
    /cannot test a range of rates with sum: its weights change over the run/,
  );
});

const RAMP: Ramp = { from: 1e-6, to: 10, steps: 100, shape: "exponential" };

/** A run over that ramp whose loss falls around `at` and explodes at the end. */
function run(seed: number, at: number): RangeRun {
  const lr = Array.from({ length: 100 }, (_, i) => 1e-6 * 1e7 ** (i / 99));
  const loss = lr.map((rate) =>
    2.3 - 1.5 / (1 + (at / rate) ** 2) + (rate > 100 * at ? (rate / at / 100) ** 2 : 0)
  );
  return { seed, reason: "budget", detail: null, ms_per_step: 1, lr, loss, smoothed: loss };
}

Deno.test("the mean over seeds is geometric, and its interval holds it and shrinks with agreement", () => {
  const [valley] = suggestionsOf([run(1, 1e-3), run(2, 1e-2)], RAMP, 10);
  const rates = valley!.seeds.map(({ lr }) => lr!);
  assert.ok(Math.abs(valley!.lr! / Math.sqrt(rates[0]! * rates[1]!) - 1) < 0.005);
  assert.ok(valley!.interval![0] < valley!.lr! && valley!.lr! < valley!.interval![1]);
  // Cut off where nothing was tested.
  const [apart] = suggestionsOf([run(1, 1e-4), run(2, 1e-2)], RAMP, 10);
  assert.deepEqual(apart!.interval, [1e-6, 10]);
  const tenth = suggestionsOf([run(1, 1e-4), run(2, 1e-2)], RAMP, 10).find(({ rule }) =>
    rule === "minimum_tenth"
  );
  assert.deepEqual(tenth!.interval, [1e-7, 1]);
  // Seeds that agree say no more than the ramp resolves: one of its steps, 10^(7/99).
  const [same] = suggestionsOf([run(1, 1e-3), run(2, 1e-3), run(3, 1e-3)], RAMP, 10);
  same!.interval!.forEach((bound, i) => {
    assert.ok(Math.abs(bound / same!.lr! / 10 ** ((i === 0 ? -7 : 7) / 99) - 1) < 0.01, String(bound));
  });
  const [alike] = suggestionsOf([1, 2, 3, 4].map((seed) => run(seed, 1e-3 * 1.2 ** seed)), RAMP, 10);
  assert.ok(alike!.interval![1] / alike!.interval![0] < 2.5, String(alike!.interval));
  assert.equal(suggestionsOf([run(1, 1e-3)], RAMP, 10)[0]!.interval, null);
});

Deno.test("of three noisy ramps, intervals hold the rate of the loss without noise", () => {
  for (const [rule, { held, ratio }] of Object.entries(coverage(3, 12))) {
    assert.ok(held >= 9 / 12 && ratio < 6, `${rule}: ${held}, ${ratio}`);
  }
});

Deno.test("a rate that most seeds do not suggest is none; a ramp that was stopped says nothing", () => {
  const flat = (seed: number): RangeRun => ({ ...run(seed, 1), loss: run(seed, 1).lr.map(() => 2.3) });
  const [minority] = suggestionsOf([run(1, 1e-3), flat(2), flat(3)], RAMP, 10);
  assert.equal(minority!.lr, null);
  assert.match(minority!.reason!, /^1 of 3 seeds suggest one: the loss does not fall/);
  assert.equal(suggestionsOf([run(1, 1e-3), flat(2)], RAMP, 10)[0]!.interval, null);
  const [stopped] = suggestionsOf([{ ...run(1, 1e-3), reason: "stopped" }], RAMP, 10);
  assert.match(stopped!.reason!, /stopped/);
  assert.deepEqual(suggestionsOf([], RAMP, 10).map(({ lr }) => lr), [null, null, null, null]);
});

Deno.test("losses that are not finite are null in the result, rates are kept", () => {
  const events: TrainEvent[] = [2.5, 2, NaN].map((loss, step) => ({
    kind: "step",
    step,
    lr: 10 ** (step - 3),
    momentum: 0.9,
    loss,
  }));
  events.push({ kind: "ended", step: 3, reason: "diverged", detail: "The loss became NaN", ms_per_step: 1 });
  const [only] = rangeRuns([{ plan: { seed: 4 }, provenance: {}, events } as never], 0.5);
  assert.deepEqual(only!.loss, [2.5, 2, null]);
  assert.equal(only!.smoothed[2], null);
  assert.ok(Math.abs(only!.smoothed[1]! - (2.5 + 2 * 2) / 3) < 1e-12);
  assert.equal(only!.reason, "diverged");
});

const suggestion = (rule: RateSuggestion["rule"], lr: number | null): RateSuggestion => ({
  rule,
  lr,
  interval: null,
  reason: lr === null ? "none" : null,
  seeds: [],
});

Deno.test("the suggestion that is chosen is that of the wanted rule, or of the first one that has one", () => {
  const suggestions = [
    suggestion("valley", 0.01),
    suggestion("minimum_tenth", null),
    suggestion("slide", 0.2),
  ];
  assert.deepEqual(chosenOf(suggestions, "minimum_tenth"), { rule: "valley", lr: 0.01 });
  assert.deepEqual(chosenOf(suggestions, "slide"), { rule: "slide", lr: 0.2 });
  assert.equal(chosenOf([suggestion("valley", null)], "valley"), null);
});

Deno.test("candidates rise, each with the rules that suggest it and its ratio to the chosen one", () => {
  const suggestions = [suggestion("valley", 0.01), suggestion("steepest", 0.0305), suggestion("slide", 0.2)];
  const candidates = candidatesOf({ rule: "valley", lr: 0.01 }, suggestions, [0.01, 0.00333, 0.03, 0.0173]);
  assert.deepEqual(candidates.map(({ lr, labels }) => [lr, labels]), [
    [0.00333, ["1/3 of it"]],
    [0.01, ["valley"]],
    [0.0173, ["1.73 times it"]],
    [0.03, ["3 times it", "steepest"]],
  ]);
  assert.equal(candidates[1]!.factor, 1);
});

const LIMITS = [1e-6, 10] as const;

/** Rates stage by stage where the best of those tried is the one nearest to `best`; runs fail from `fails` on, and rates from `alike` on are as good. */
function searched(
  centre: number,
  { best, fails = Infinity, alike = Infinity }: { best: number; fails?: number; alike?: number },
): number[][] {
  const stages: number[][] = [];
  for (;;) {
    const tried = stages.flat();
    const able = tried.filter((lr) => lr < fails);
    const distance = (lr: number) => Math.abs(Math.log(lr / best));
    const nearest = able.toSorted((one, other) => distance(one) - distance(other))[0] ?? null;
    const next = nextRates(centre, tried, {
      best: nearest,
      recommended: able.toSorted((one, other) => one - other).find((lr) => lr >= alike || lr === nearest) ??
        null,
      divergedAtLowest: tried.length > 0 && Math.min(...tried) >= fails,
    }, LIMITS);
    if (next.length === 0) return stages;
    stages.push(next);
  }
}

Deno.test("rates are added until the best one has worse neighbours", () => {
  assert.deepEqual(searched(0.01, { best: 0.01 }), [[0.00333, 0.01, 0.03], [0.00577, 0.0173]]);
  assert.deepEqual(searched(0.01, { best: 0.2 }), [
    [0.00333, 0.01, 0.03],
    [0.09],
    [0.27],
    [0.81],
    [0.156, 0.468],
  ]);
  // A cliff is a worse neighbour; where everything fails by divergence, the search goes down.
  assert.deepEqual(searched(0.01, { best: 1, fails: 0.02 }), [[0.00333, 0.01, 0.03], [0.00577, 0.0173]]);
  // The smallest rate that is as good as the best one has a worse one below it.
  assert.deepEqual(searched(0.01, { best: 0.01, alike: 0.002 }), [
    [0.00333, 0.01, 0.03],
    [0.00577, 0.0173],
    [0.00111],
  ]);
  assert.deepEqual(searched(1, { best: 1, fails: 0.2 }), [[0.333, 1, 3], [0.111], [0.037], [0.0642, 0.192]]);
});

Deno.test("where the next factor of 3 is beyond a limit, the best rate's neighbours are tried", () => {
  // Three times 3.36 is beyond 10.
  assert.deepEqual(searched(1.12, { best: 2.2 }), [[0.373, 1.12, 3.36], [1.94, 5.82]]);
  assert.deepEqual(searched(3e-6, { best: 1e-6 }), [[1e-6, 3e-6, 9e-6], [1.73e-6]]);
});

Deno.test("wherever the best rate and the cliff lie, it ends bracketed within a factor of √3, or at a limit", () => {
  const logs = fc.double({ min: -5, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(logs, fc.double({ min: -1.5, max: 1.5, noNaN: true }), (log, off) => {
      const [best, centre] = [10 ** log, Math.max(LIMITS[0], Math.min(LIMITS[1], 10 ** (log + off)))];
      const tried = searched(centre, { best }).flat();
      assert.ok(tried.length <= 9 && new Set(tried).size === tried.length);
      assert.ok(tried.every((lr) => lr >= LIMITS[0] && lr <= LIMITS[1]));
      const nearest = Math.min(...tried.map((lr) => Math.abs(Math.log(lr / best))));
      const atLimit = best * 3 ** 0.25 > LIMITS[1] || best / 3 ** 0.25 < LIMITS[0];
      assert.ok(atLimit || nearest <= Math.log(3) / 4 + 0.01, `${best}: ${tried}`);
    }),
    { numRuns: 2000 },
  );
});

/** Records of short runs at 0.01, a third and three times it: accuracies over seeds, `null` for a run that diverged. */
function verdictFor(third: (number | null)[], own: (number | null)[], three: (number | null)[]) {
  const by = [third, own, three];
  const rates = [0.00333, 0.01, 0.03];
  const plans = planChecks(SETUP, rates, third.map((_, i) => i + 1), 20, 96);
  const records = plans.map((plan, i): RunRecord => {
    const accuracy = by[Math.floor(i / third.length)]![i % third.length]!;
    const reason = accuracy === null ? "diverged" as const : "budget" as const;
    const events: TrainEvent[] = [
      ...(accuracy === null ? [] : [
        { kind: "eval" as const, step: 20, epoch: 3, split: "validation" as const, loss: 1, accuracy },
      ]),
      { kind: "ended", step: 20, reason, detail: null, ms_per_step: 1 },
    ];
    return { plan, provenance: {} as never, events };
  });
  const candidates = candidatesOf({ rule: "valley", lr: 0.01 }, [suggestion("valley", 0.01)], rates);
  return validate(candidates, records, { steps: 20, images: 1000, classes: 10 });
}

Deno.test("the best rate is recommended, between those that are detectably worse", () => {
  const holds = verdictFor([0.3, 0.31, 0.29, 0.3], [0.6, 0.61, 0.6, 0.59], [0.4, 0.41, 0.4, 0.39]);
  assert.equal(holds.verdict.kind, "supported");
  assert.ok(holds.verdict.kind === "supported" && Math.abs(holds.verdict.effect - 20) < 1e-9);
  assert.deepEqual([holds.recommended, holds.bracketed, holds.between], [0.01, true, [0.00333, 0.03]]);
  const { difference } = holds.candidates[0]!;
  assert.ok(Math.abs(difference!.difference! + 0.3) < 1e-12 && difference!.verdict === "lower");
  assert.equal(holds.fails_from, null);

  const worse = verdictFor([0.3, 0.31, 0.29, 0.3], [0.4, 0.41, 0.4, 0.39], [0.6, 0.62, 0.6, 0.59]);
  assert.equal(worse.verdict.kind, "contradicted");
  assert.deepEqual([worse.recommended, worse.bracketed, worse.between], [0.03, false, [0.01, null]]);
  assert.match(worse.text, /0\.03.* 60\.2 %.*.* The rates tried end there/);

  const alike = verdictFor([0.3, 0.6, 0.4, 0.5], [0.5, 0.4, 0.6, 0.3], [0.4, 0.5, 0.45, 0.42]);
  assert.equal(alike.verdict.kind, "inconclusive");
  assert.deepEqual(alike.between, [null, null]);
  assert.match(alike.text, /No other rate is detectably worse/);
  assert.equal(verdictFor([0.3], [0.6], [0.4]).recommended, 0.01);
  assert.equal(verdictFor([0.3], [0.6], [0.4]).verdict.kind, "inconclusive");
});

Deno.test("a rate at which a run failed is never recommended, however good its others are", () => {
  // A neighbour that diverged with every seed is worse; one that learnt nothing has failed as well.
  const cliff = verdictFor([0.3, 0.31, 0.29], [0.6, 0.61, 0.6], [null, null, null]);
  assert.deepEqual([cliff.recommended, cliff.fails_from, cliff.between], [0.01, 0.03, [0.00333, 0.03]]);
  assert.equal(cliff.candidates[2]!.accuracy, null);
  assert.match(cliff.text, /Runs begin to fail at 0\.03 \(3 of 3\)/);
  const stuck = verdictFor([0.5, 0.51, 0.49], [0.6, 0.61, 0.6], [0.8, 0.1, 0.8]);
  assert.deepEqual([stuck.recommended, stuck.fails_from], [0.01, 0.03]);
  assert.deepEqual(stuck.candidates[2]!.runs.map(({ failed, diverged }) => [failed, diverged]), [
    [false, false],
    [true, false],
    [false, false],
  ]);
  const lost = verdictFor([0.3, 0.31, 0.29], [0.6, null, 0.6], [null, null, null]);
  assert.deepEqual([lost.recommended, lost.verdict.kind, lost.fails_from], [0.00333, "inconclusive", 0.01]);

  // A rate that no run failed at, within one standard error of the best one, is taken for being smaller.
  const near = verdictFor([0.61, 0.58, 0.6], [0.6, 0.61, 0.6], [0.4, 0.41, 0.4]);
  assert.deepEqual([near.best, near.recommended], [0.01, 0.00333]);
  assert.match(near.text, /0\.00333 is the smallest rate within one standard error of it \(59\.7 %\)/);
  const apart = verdictFor([0.59, 0.595, 0.59], [0.6, 0.61, 0.6], [0.4, 0.41, 0.4]);
  assert.deepEqual([apart.best, apart.recommended], [0.01, 0.01]);

  const none = verdictFor([null, 0.31, 0.29], [0.6, null, null], [null, null, null]);
  assert.deepEqual([none.recommended, none.between], [null, null]);
  assert.match(verdictFor([0.1, 0.1], [0.12, 0.1], [null, null]).text, /all of them; longer ones/);
  assert.match(none.text, /at every rate that was tried, the fewest at 0\.00333: 1 of 3/);
});
