import assert from "node:assert/strict";
import fc from "fast-check";
import { applySuggestion } from "#lint/suggestion.ts";
import { lintSchedule } from "#lint/lint.ts";
import type { Finding, RunFacts } from "#schedules/finding.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { RunShape, ScheduleSpec } from "#schedules/schedule.ts";
import { shapes, specs } from "../schedules/arbitrary.ts";

/** 10 epochs of 100 steps. */
const SHAPE: RunShape = { totalSteps: 1000, stepsPerEpoch: 100 };
const CAREFUL: RunFacts = { optimizer: "sgd", clipNorm: 1, resetsOptimizer: true, snapshots: true };
const lint = (spec: ScheduleSpec, facts: RunFacts = CAREFUL, shape = SHAPE) =>
  lintSchedule(spec, shape, facts);
const flat = (lr: number): ScheduleSpec => ({ name: "constant", lr });
const cosine = (T_max: string): ScheduleSpec => ({ name: "cosine", lr: 0.1, T_max });
const sequence = (...parts: [string, ScheduleSpec][]): ScheduleSpec => ({
  name: "sequence",
  parts: parts.map(([length, schedule]) => ({ for: length, schedule })),
});

/** What hurts people in a run of 10 epochs: the finding, the place and the suggestion. */
const KINDS: readonly [
  spec: ScheduleSpec,
  code: string,
  suggestion: RegExp,
  facts?: RunFacts,
  shape?: RunShape,
][] = [
  [{ name: "step", lr: 0.1, step_size: "30 epochs" }, "drop-after-end", /^step_size: 334 steps$/],
  [
    { name: "multistep", lr: 0.1, milestones: ["30 epochs", "60 epochs"] },
    "drop-after-end",
    /^milestones: \[333 steps, 667 steps\]$/,
  ],
  [
    { name: "multistep", lr: 0.1, milestones: ["4 epochs", "8 epochs", "12 epochs"] },
    "drop-after-end",
    /^milestones: \[4 epochs, 8 epochs\]$/,
  ],
  [{ name: "plateau", lr: 0.1, patience: 10 }, "drop-after-end", /^patience: 1$/],
  [{ name: "plateau", lr: 0.1, patience: 20 }, "drop-after-end", /^patience: 1$/],
  [{ name: "plateau", lr: 0.1, patience: 2 }, "drop-after-end", /^patience: 0$/, { evalEvery: 300 }],
  [{ name: "step", lr: 0.1, step_size: "30 steps" }, "rate-collapses", /^step_size: 334 steps$/],
  [{ name: "step", lr: 0.1, step_size: "3 steps" }, "rate-collapses", /^step_size: 3 epochs$/],
  [{ name: "exponential", lr: 0.1, gamma: 0.9, every: "1 step" }, "rate-collapses", /^every: 1 epoch$/],
  [
    { name: "exponential", lr: 0.1, decay_rate: 9, every: "1 epoch" },
    "rate-collapses",
    /^gamma: 0\.5012 with no decay_rate$/,
  ],
  [
    { name: "cyclic", base_lr: 0.01, max_lr: 0.1, step_size_up: "1 epoch", mode: "exp_range", gamma: 0.9 },
    "rate-collapses",
    /^gamma: 0\.9954\d*$/,
  ],
  [{ ...cosine("100%"), lr: 0.1 }, "rate-for-optimizer", /^lr: 0\.001$/, { optimizer: "adam" }],
  [{ ...cosine("100%"), lr: 3 }, "rate-for-optimizer", /^lr: 0\.001$/, { optimizer: "adamw" }],
  [flat(0.01), "rate-for-optimizer", /^lr: 0\.0001$/, { optimizer: "lion" }],
  [flat(2), "rate-for-optimizer", /^lr: 0\.02$/, { optimizer: "muon" }],
  [flat(1e-3), "rate-for-optimizer", /^lr: 1$/, { optimizer: "prodigy" }],
  [flat(1), "rate-for-optimizer", /^lr: 0\.0025$/, { optimizer: "schedule_free_adamw" }],
  [{ ...cosine("100%"), lr: 2 }, "decay-under-averaging", /constant/, { optimizer: "schedule_free_sgd" }],
  [{ name: "one_cycle", max_lr: 0.01, duration: "100%" }, "momentum-of-adam", /^cycle_momentum: false$/, {
    optimizer: "adam",
  }],
  [
    { name: "one_cycle", max_lr: 0.1, duration: "100%", update: "epoch" },
    "coarse-updates",
    /^update: step$/,
    {},
    { totalSteps: 500, stepsPerEpoch: 100 },
  ],
  [
    sequence(["3 epochs", flat(0.1)], ["3 epochs", flat(0.01)]),
    "parts-and-run-differ",
    /^parts\[1\]\.for: 700 steps$/,
  ],
  [
    sequence(["10 epochs", flat(0.1)], ["10 epochs", flat(0.01)]),
    "parts-and-run-differ",
    /^parts\[0\]\.for: 500 steps with parts\[1\]\.for: 500 steps$/,
  ],
  [{ name: "repeat", every: "2 epochs", of: cosine("5 epochs") }, "cut-short", /^T_max: 2 epochs$/],
  [
    sequence(["5 epochs", cosine("8 epochs")], ["5 epochs", cosine("5 epochs")]),
    "cut-short",
    /^T_max: 5 epochs$/,
  ],
  [
    { name: "max", of: [cosine("100%"), flat(0.2)] },
    "branch-never-active",
    /^\{ name: constant, lr: 0\.2 \}$/,
  ],
  [
    { name: "min", of: [cosine("100%"), flat(0.2), flat(0.05)] },
    "branch-never-active",
    /^of: \[\{ name: cosine/,
  ],
  [cosine("100%"), "decay-not-reached", /^duration: 3 epochs/, { stopsAt: 300 }],
  [
    { name: "wsd", lr: 0.1, warmup: "10%", stable: "90%", decay: "0%" },
    "never-decays",
    /^stable: 700 steps with decay: 200 steps$/,
  ],
  [
    { name: "wsd", lr: 0.1, warmup: "0%", stable: "200 epochs", decay: "20%" },
    "plan-and-run-differ",
    /^stable: 8 epochs$/,
  ],
  [{ name: "step", lr: 0.1, step_size: "3 epochs", gamma: 1 }, "never-decays", /^gamma: 0\.1$/],
  [
    { name: "warmup", duration: "10%", from: 1, then: cosine("90%") },
    "warmup-falls",
    /^no from with skip_zero: true$/,
  ],
  [{ name: "one_cycle", max_lr: 0.1, duration: "100%", div_factor: 0.5 }, "no-rise", /^no div_factor$/],
  [{ name: "aggressive_restart", lr: 0.1, multiplier: 1 }, "no-rise", /^multiplier: 3$/],
  [{ name: "plateau", lr: 1e-8, patience: 1 }, "plateau-cannot-reduce", /^eps: 0$/],
  [{ name: "plateau", lr: 0.1, patience: 1, threshold: 1 }, "plateau-threshold", /^no threshold$/],
];

for (const [spec, code, suggestion, facts = {}, shape = SHAPE] of KINDS) {
  Deno.test(`${code}: ${JSON.stringify(spec)}`, () => {
    const findings = lint(spec, { ...CAREFUL, ...facts }, shape);
    const found = findings.find((finding) => finding.code === code);
    assert.ok(found, JSON.stringify(findings));
    assert.match(String(found.suggestion), suggestion);
  });
}

Deno.test("a stair that was written on purpose is no jump; a curve that starts elsewhere is", () => {
  const jumps = (spec: ScheduleSpec) => lint(spec).filter(({ code }) => code === "jump-at-join");
  assert.deepEqual(jumps(sequence(["30%", flat(0.1)], ["30%", flat(0.01)], ["40%", flat(0.001)])), []);
  assert.deepEqual(jumps(sequence(["10%", flat(0.01)], ["90%", flat(0.1)])), []);
  assert.equal(jumps(sequence(["50%", flat(0.1)], ["50%", { ...cosine("50%"), lr: 0.05 }])).length, 1);
});

Deno.test("no suggestion wraps a schedule that starts at 0 in a warmup to 0", () => {
  const rises: ScheduleSpec[] = [
    { name: "wsd", lr: 0.1, warmup: "10%", stable: "70%", decay: "20%" },
    { name: "inverse_sqrt", lr: 0.1, warmup: "10%" },
  ];
  for (const spec of rises) {
    const found = lint(spec).find(({ code }) => code === "first-rate-zero")!;
    if (found.change === null) continue;
    const { lr } = buildSchedule(
      applySuggestion({ spec, shape: SHAPE, facts: {} }, found.change, []).spec,
      SHAPE,
    );
    const before = buildSchedule(spec, SHAPE).lr;
    for (let step = 0; step < 1000; step++) {
      assert.ok(lr(step) > 0 && Math.abs(lr(step) - before(step)) < 0.0011, `${spec.name} at ${step}`);
    }
  }
});

Deno.test("a warmup to a rate of 0 is found, as is a run without any rate", () => {
  const rising = { name: "wsd", lr: 0.1, warmup: "10%", stable: "60%", decay: "20%" };
  const doubled = lint({ name: "warmup", duration: "10%", then: rising });
  assert.match(
    doubled.find(({ code }) => code === "first-rate-zero")!.why,
    /first 101 steps have the rate 0/,
  );
  assert.equal(lint({ name: "scale", by: 0, of: flat(0.1) })[0]?.code, "rate-zero");
});

Deno.test("a factor between schedule and run is named, as accumulation where that is its cause", () => {
  const why = (facts: RunFacts) => lint(cosine("4000 steps"), facts)[0]!.why;
  assert.match(why({}), /4 times too long: was it counted in batches, epochs or processes\?/);
  assert.match(
    why({ accumulate: 4 }),
    /4 times too long, and accumulate is 4: schedules count steps of the optimizer/,
  );
});

Deno.test("every suggestion of any schedule removes its finding and adds none", () => {
  let tried = 0;
  const facts: RunFacts = { optimizer: "adam", clipNorm: null, snapshots: false, resetsOptimizer: false };
  const count = (findings: readonly Finding[], code: string) =>
    findings.filter((finding) => finding.code === code && finding.code !== "robbins-monro").length;
  fc.assert(
    fc.property(specs(2), shapes, (spec, shape) => {
      try {
        buildSchedule(spec, shape);
      } catch {
        return;
      }
      const before = lint(spec, facts, shape);
      for (const { code, path, change } of before) {
        if (change === null) continue;
        tried++;
        const changed = applySuggestion({ spec, shape, facts }, change, path);
        const after = lint(changed.spec, changed.facts, changed.shape);
        const text = JSON.stringify({ spec, shape, change });
        assert.ok(count(after, code) < count(before, code), text);
        for (const other of after) {
          assert.ok(count(after, other.code) <= count(before, other.code), `${other.code}: ${text}`);
        }
      }
    }),
    { numRuns: 150 },
  );
  assert.ok(tried > 50, `${tried} suggestions were tried`);
});
