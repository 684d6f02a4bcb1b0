import assert from "node:assert/strict";
import fc from "fast-check";
import type { Finding, RunFacts } from "#schedules/finding.ts";
import { lintSchedule } from "#lint/lint.ts";
import { conditionsOf } from "#schedules/robbins_monro.ts";
import { parseSchedule } from "#schedules/parse.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { PRESETS } from "#advise/presets.ts";
import { durationToSteps, parseDuration, type RunShape } from "#lib/duration.ts";
import { shapes, specs } from "../schedules/arbitrary.ts";

/** 100 epochs of 100 steps. */
const SHAPE = { totalSteps: 10_000, stepsPerEpoch: 100 };
/** A run in which nothing is forgotten, so that only the schedule itself can be at fault. */
const CAREFUL: RunFacts = { optimizer: "sgd", clipNorm: 1, resetsOptimizer: true, snapshots: true };
/** Restarts as they should be: five cycles of 20 epochs, three orders of magnitude. */
const GOOD = { name: "sgdr", lr: 0.1, eta_min: 1e-4, T_0: "20 epochs", inclusive_end: true };

const lint = (spec: Record<string, unknown>, facts: RunFacts = CAREFUL, shape: RunShape = SHAPE): Finding[] =>
  lintSchedule(spec as never, shape, facts);
const warnings = (findings: readonly Finding[]) =>
  findings.filter(({ severity }) => severity === "warning").map(({ code }) => code);

Deno.test("good restarts in a careful run have no warning", () => {
  assert.deepEqual(warnings(lint(GOOD)), []);
});

// The pitfalls of sgdr.md, each as its spec, and the code that must be among the warnings.
const PITFALLS: readonly [string, Record<string, unknown>, RunFacts, string, RegExp][] = [
  [
    "1: T_0 too small",
    { ...GOOD, T_0: "50 steps", T_mult: 2 },
    CAREFUL,
    "restarts-too-frequent",
    /T_0: 500 steps/,
  ],
  [
    "1: T_0 shorter than the measured convergence",
    { ...GOOD, T_0: "100 steps", T_mult: 2 },
    { ...CAREFUL, convergenceSteps: 2000 },
    "restarts-too-frequent",
    /T_0: 2000 steps/,
  ],
  [
    "2: rates too close",
    { ...GOOD, lr: 1e-4, eta_min: 8e-5 },
    CAREFUL,
    "rate-range-narrow",
    /eta_min: 1\.0e-7/,
  ],
  [
    "3: steps counted as epochs",
    { ...GOOD, T_0: "5000 epochs" },
    CAREFUL,
    "cycle-outlasts-run",
    // 5000 steps would leave a single restart.
    /T_0: 2500 steps/,
  ],
  [
    "4: no snapshots",
    GOOD,
    { ...CAREFUL, snapshots: false },
    "snapshots-forgotten",
    /snapshot at the last step/,
  ],
  [
    "5: Adam keeps its moments",
    { ...GOOD, lr: 1e-3, eta_min: 1e-6 },
    { ...CAREFUL, optimizer: "adam", resetsOptimizer: false },
    "adaptive-optimizer-without-reset",
    /reset the optimizer's state/,
  ],
  ["6: no clipping", GOOD, { ...CAREFUL, clipNorm: null }, "restarts-without-clipping", /clip_norm: 1\.0/],
  [
    "7 as the seed has it: 10k steps doubled over a million",
    { ...GOOD, T_0: "10000 steps", T_mult: 2 },
    CAREFUL,
    "few-restarts",
    /T_mult: 1 with T_0: 200000 steps/,
  ],
  [
    "7: cycles outgrow the run",
    { ...GOOD, T_0: "30 epochs", T_mult: 2 },
    CAREFUL,
    "few-restarts",
    /T_mult: 1 with T_0: 2000 steps/,
  ],
];

for (const [label, spec, facts, code, suggestion] of PITFALLS) {
  Deno.test(`pitfall ${label}`, () => {
    const shape = label.includes("million") ? { totalSteps: 1_000_000, stepsPerEpoch: 1000 } : SHAPE;
    const found = lint(spec, facts, shape).find((finding) => finding.code === code);
    assert.ok(
      found,
      `${code} is not among ${JSON.stringify(lint(spec, facts).map((finding) => finding.code))}`,
    );
    assert.equal(found.severity, "warning");
    assert.match(found.suggestion!, suggestion);
    assert.match(found.source, /sgdr\.md, pitfall \d/);
    assert.match(found.why, /\.|\?$/);
  });
}

const RULES: readonly [string, Record<string, unknown>, RegExp][] = [
  ["ends-in-mid-cycle", { ...GOOD, T_0: "30 epochs" }, /T_0: 2500 steps/],
  [
    "ends-in-mid-cycle",
    { name: "cyclic", base_lr: 0.001, max_lr: 0.1, step_size_up: "15 epochs" },
    /step_size_up: 1250 steps/,
  ],
  ["rate-range-wide", { ...GOOD, eta_min: 1e-8 }, /eta_min: 0\.0001/],
  ["plan-and-run-differ", { name: "cosine", lr: 0.1, T_max: "80 epochs" }, /T_max: 100 epochs/],
  ["plan-and-run-differ", { name: "linear", lr: 0.1, duration: "120 epochs" }, /duration: 100 epochs/],
  [
    "plan-and-run-differ",
    { name: "warmup", duration: "5%", from: 0.01, then: { name: "cosine", lr: 0.1, T_max: "100%" } },
    /T_max: 95%/,
  ],
  [
    "jump-at-join",
    {
      name: "sequence",
      parts: [
        { for: "50%", schedule: { name: "linear", lr: 0.1, end_lr: 0.01, duration: "50%" } },
        { for: "50%", schedule: { name: "linear", lr: 0.05, duration: "50%" } },
      ],
    },
    /parts\[1\]\.schedule\.lr: 0\.01/,
  ],
  [
    "warmup-too-long",
    { name: "warmup", duration: "60%", from: 0.01, then: { name: "constant", lr: 0.1 } },
    /duration: 5%/,
  ],
  ["warmup-too-long", { name: "noam", d_model: 512, warmup: "60%" }, /warmup: 5%/],
  ["growing-rate", { name: "exponential", lr: 0.1, gamma: 1.01 }, /gamma: 0\.99/],
  ["metric-against-mode", { name: "plateau", lr: 0.1, metric: "validation_accuracy" }, /mode: max/],
];

for (const [code, spec, suggestion] of RULES) {
  Deno.test(`${code}: ${JSON.stringify(spec)}`, () => {
    const found = lint(spec).find((finding) => finding.code === code);
    assert.ok(found, JSON.stringify(lint(spec)));
    assert.match(found.suggestion!, suggestion);
  });
}

Deno.test("the suggestion takes the finding away", () => {
  const changed: [Record<string, unknown>, Record<string, unknown>][] = [
    [{ ...GOOD, T_0: "30 epochs" }, { T_0: "2500 steps" }],
    [{ ...GOOD, T_0: "5000 epochs" }, { T_0: "5000 steps" }],
    [{ ...GOOD, T_0: "30 epochs", T_mult: 2 }, { T_mult: 1, T_0: "2000 steps" }],
    [{ name: "cosine", lr: 0.1, T_max: "80 epochs" }, { T_max: "100 epochs" }],
  ];
  for (const [spec, change] of changed) {
    const [code] = warnings(lint(spec));
    assert.ok(
      code !== undefined && !warnings(lint({ ...spec, ...change })).includes(code),
      code ?? "no warning",
    );
  }
});

Deno.test("a schedule within a schedule is looked at in its own stretch of the run, and named by its path", () => {
  const spec = { name: "warmup", duration: "10%", from: 0.01, then: { ...GOOD, T_0: "95 epochs" } };
  const found = lint(spec).find(({ code }) => code === "cycle-outlasts-run");
  assert.deepEqual(found?.path, ["then"]);
  assert.match(found!.why, /9500 steps, but only 9000 are left/);
});

Deno.test("what is unknown is asked for in notes, not claimed", () => {
  const codes = lint({ ...GOOD, inclusive_end: false }, {}).filter(({ severity }) => severity === "note").map(
    ({ code }) => code,
  );
  assert.ok(
    codes.includes("restarts-without-clipping") && codes.includes("snapshots-forgotten"),
    codes.join(),
  );
  assert.deepEqual(warnings(lint(GOOD, {})), []);
});

Deno.test("a first rate of exactly zero is found, with a suggestion", () => {
  const spec = { name: "warmup", duration: "5%", then: { name: "constant", lr: 0.1 } };
  assert.equal(lint(spec).find(({ code }) => code === "first-rate-zero")?.suggestion, "skip_zero: true");
  assert.ok(!lint({ ...spec, skip_zero: true }).some(({ code }) => code === "first-rate-zero"));
});

Deno.test("Robbins and Monro: partial sums agree with what is said of each family", () => {
  // Each family with what it meets: [Σ η = ∞, Σ η² < ∞].
  const families: [Record<string, unknown>, boolean, boolean][] = [
    [{ name: "constant", lr: 0.1 }, true, false],
    [{ name: "step", lr: 0.1, step_size: "1 epoch" }, false, true],
    [{ name: "exponential", lr: 0.1, gamma: 0.5 }, false, true],
    [{ name: "cosine", lr: 0.1, T_max: "100%" }, false, true],
    [{ name: "cosine", lr: 0.1, eta_min: 0.01, T_max: "100%" }, true, false],
    [{ name: "inverse_sqrt", lr: 0.1, warmup: "10%" }, true, false],
    [{ name: "noam", d_model: 4, warmup: "10 steps" }, true, false],
    [{ name: "sgdr", lr: 0.1, T_0: "10 steps" }, true, false],
    [{ name: "sgdr", lr: 0.1, T_0: "10 steps", T_mult: 2, lr_decay: 0.6 }, true, true],
    [{ name: "sgdr", lr: 0.1, T_0: "10 steps", T_mult: 2, lr_decay: 0.9 }, true, false],
    [{ name: "sgdr", lr: 0.1, T_0: "10 steps", lr_decay: 0.5 }, false, true],
    [{ name: "cyclic", base_lr: 0, max_lr: 0.1, step_size_up: "10 steps", mode: "triangular2" }, false, true],
  ];
  for (const [spec, sumDiverges, squaresConverge] of families) {
    const found = conditionsOf(spec as never);
    assert.deepEqual(
      [found?.sumDiverges, found?.squaresConverge],
      [sumDiverges, squaresConverge],
      JSON.stringify(spec),
    );
    const { lr } = buildSchedule(spec as never, { totalSteps: 100, stepsPerEpoch: 10 });
    // Growth of the partial sums over the last factor of 16 in t: a divergent sum still grows, a convergent one hardly.
    let [rates, squares, ratesBefore, squaresBefore] = [0, 0, 0, 0];
    for (let t = 0; t < 1 << 18; t++) {
      if (t === 1 << 14) [ratesBefore, squaresBefore] = [rates, squares];
      const rate = lr(t);
      rates += rate;
      squares += rate * rate;
    }
    assert.equal(rates / ratesBefore > 1.15, sumDiverges, `Σ η of ${JSON.stringify(spec)}`);
    assert.equal(squares / squaresBefore > 1.15, !squaresConverge, `Σ η² of ${JSON.stringify(spec)}`);
  }
});

Deno.test("presets build, and have no warning in a careful run of the length that they are made for", () => {
  for (const { name, schedule, duration } of PRESETS) {
    const stepsPerEpoch = 100;
    const totalSteps = durationToSteps(parseDuration(duration), { totalSteps: 0, stepsPerEpoch });
    assert.deepEqual(warnings(lint(schedule, CAREFUL, { totalSteps, stepsPerEpoch })), [], name);
  }
});

Deno.test("any schedule that builds can be checked", () => {
  fc.assert(
    fc.property(specs(2), shapes, (spec, shape) => {
      try {
        buildSchedule(spec, shape);
      } catch {
        return;
      }
      for (const { why, source, code } of lint(spec, {}, shape)) {
        assert.ok(why !== "" && source !== "" && code !== "");
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("a rise from 0 inside of a schedule becomes a warmup that skips it", () => {
  const shape = { totalSteps: 1000, stepsPerEpoch: 100 };
  const specs = [
    { name: "inverse_sqrt", lr: 0.001, warmup: "10%" },
    { name: "inverse_sqrt", lr: 0.001, warmup: "100 steps", timescale: "300 steps" },
    { name: "power", lr: 0.02, batch_size: 128, sequence_length: 4096, warmup: "5%" },
  ];
  for (const spec of specs) {
    const found = lint(spec, {}, shape).find(({ code }) => code === "first-rate-zero")!;
    assert.equal(found.change?.kind, "replace", spec.name);
    const changed = parseSchedule(found.suggestion!);
    const [before, after] = [buildSchedule(spec, shape).lr, buildSchedule(changed, shape).lr];
    assert.ok(after(0) > 0);
    for (const t of [100, 300, 999]) {
      assert.ok(Math.abs(after(t) / before(t) - 1) < 1e-12, `${spec.name}, step ${t}`);
    }
  }
});
