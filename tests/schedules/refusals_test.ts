import assert from "node:assert/strict";
import { buildSchedule, checkSchedule } from "#schedules/registry.ts";
import { describeSchedule } from "#schedules/describe.ts";

const SHAPE = { totalSteps: 100, stepsPerEpoch: 10 };
const COSINE = { name: "cosine", lr: 0.1, T_max: "100%" };

// [schedule, kind of error, what the message says, path]
const REFUSED: readonly [Record<string, unknown>, ErrorConstructor, RegExp, (string | number)[]][] = [
  [{ name: "cosin", lr: 1 }, RangeError, /unknown schedule "cosin"; did you mean "cosine"\?/, ["name"]],
  [{ lr: 1 }, TypeError, /name is missing/, []],
  [{ ...COSINE, Tmax: "3 epochs" }, TypeError, /no parameter "Tmax"; did you mean "T_max"\?/, ["Tmax"]],
  [{ name: "cosine", lr: 0.1 }, TypeError, /cosine needs T_max/, []],
  [
    { ...COSINE, T_max: 30 },
    SyntaxError,
    /T_max has no unit: it is 30; .*`30 epochs`, `500 steps` or `10%`/,
    ["T_max"],
  ],
  [{ ...COSINE, T_max: "30 minutes" }, SyntaxError, /T_max is not a duration: it is "30 minutes"/, ["T_max"]],
  [{ ...COSINE, T_max: "-3 epochs" }, RangeError, /T_max must be from 0 to 1e12; it is "-3 epochs"/, [
    "T_max",
  ]],
  [{ ...COSINE, T_max: "0 steps" }, RangeError, /T_max must be longer than 0/, ["T_max"]],
  [{ ...COSINE, T_max: "1.5 steps" }, RangeError, /T_max must be a whole number of steps/, ["T_max"]],
  [
    { ...COSINE, T_max: "0.1%" },
    RangeError,
    /T_max must be at least 1 step; .*0\.1% \(0 steps in a run of 100/,
    ["T_max"],
  ],
  [{ ...COSINE, lr: NaN }, RangeError, /lr must be a finite number > 0; it is NaN/, ["lr"]],
  [{ ...COSINE, lr: Infinity }, RangeError, /lr must be a finite number > 0; it is Infinity/, ["lr"]],
  [{ ...COSINE, lr: 0 }, RangeError, /lr must be a finite number > 0; it is 0/, ["lr"]],
  [{ ...COSINE, lr: "0.1" }, TypeError, /lr must be a number; it is "0\.1"/, ["lr"]],
  [{ ...COSINE, eta_min: -1e-6 }, RangeError, /eta_min must be a finite number >= 0/, ["eta_min"]],
  [{ ...COSINE, eta_min: 0.2 }, RangeError, /eta_min must be at most lr, which is 0\.1; it is 0\.2/, [
    "eta_min",
  ]],
  [
    { ...COSINE, update: "batch" },
    TypeError,
    /update must be one of step, epoch; it is "batch"/,
    ["update"],
  ],
  [
    { name: "step", lr: 0.1, step_size: "1 epoch", gamma: 0 },
    RangeError,
    /gamma must be a finite number > 0/,
    ["gamma"],
  ],
  [{ name: "exponential", lr: 0.1, gamma: -1 }, RangeError, /gamma must be a finite number > 0; it is -1/, [
    "gamma",
  ]],
  [{ name: "exponential", lr: 0.1 }, TypeError, /exactly one of gamma and decay_rate; neither is given/, []],
  [
    { name: "exponential", lr: 0.1, gamma: 0.9, decay_rate: 0.1 },
    TypeError,
    /exactly one of gamma and decay_rate; both are given/,
    ["decay_rate"],
  ],
  [
    { name: "multistep", lr: 0.1, milestones: ["50%", "2 epochs"] },
    RangeError,
    /milestones must be in ascending order; it is \[50,20\]/,
    ["milestones"],
  ],
  [{ name: "multistep", lr: 0.1, milestones: "50%" }, TypeError, /milestones must be a list/, ["milestones"]],
  [{ name: "multistep", lr: 0.1, milestones: ["1 epoch", 5] }, SyntaxError, /milestones\[1\] has no unit/, [
    "milestones",
    1,
  ]],
  [
    { name: "sgdr", lr: 0.1, T_0: "1 epoch", T_mult: 0 },
    RangeError,
    /T_mult must be a finite number > 0; it is 0$/,
    [
      "T_mult",
    ],
  ],
  [
    { name: "sgdr", lr: 0.1, T_0: "1 epoch", cycle_limit: 1.5 },
    RangeError,
    /cycle_limit must be a whole number >= 1/,
    [
      "cycle_limit",
    ],
  ],
  [
    { name: "sgdr", lr: 0.1, T_0: "1 epoch", lr_decay: 0 },
    RangeError,
    /lr_decay must be a finite number > 0/,
    ["lr_decay"],
  ],
  [
    { name: "one_cycle", max_lr: 0.1, duration: "100%", pct_start: 1 },
    RangeError,
    /pct_start must be .* > 0 and < 1; it is 1/,
    [
      "pct_start",
    ],
  ],
  [{ name: "one_cycle", max_lr: 0.1, duration: "100%", pct_start: 0 }, RangeError, /pct_start must be/, [
    "pct_start",
  ]],
  [
    { name: "one_cycle", max_lr: 0.1, duration: "100%", base_momentum: 0.9, max_momentum: 0.8 },
    RangeError,
    /base_momentum must be <= max_momentum \(0\.8\); it is 0\.9/,
    ["base_momentum"],
  ],
  [
    { name: "one_cycle", max_lr: 0.1, duration: "100%", anneal: "linaer" },
    TypeError,
    /anneal must be one of cos, linear; it is "linaer"; did you mean "linear"\?/,
    ["anneal"],
  ],
  [
    { name: "cyclic", base_lr: 1, max_lr: 0.1, step_size_up: "1 epoch" },
    RangeError,
    /base_lr must be <= max_lr \(0\.1\)/,
    [
      "base_lr",
    ],
  ],
  [
    { name: "noam", d_model: 1.5, warmup: "1 epoch" },
    RangeError,
    /d_model must be a whole number >= 1; it is 1\.5/,
    [
      "d_model",
    ],
  ],
  [
    { name: "wsd", lr: 1, warmup: "1%", stable: "1%", decay: "1%", min_ratio: 2 },
    RangeError,
    /min_ratio must be/,
    [
      "min_ratio",
    ],
  ],
  [
    { name: "warmup", duration: "5%", shape: "exponential", then: COSINE },
    RangeError,
    /from must be > 0 with shape exponential .*; it is 0/,
    ["from"],
  ],
  [{ name: "warmup", duration: "5%", then: { ...COSINE, lr: -1 } }, RangeError, /in then: lr must be/, [
    "then",
    "lr",
  ]],
  [
    { name: "sequence", parts: [{ for: "0.1%", schedule: COSINE }] },
    RangeError,
    /parts\[0\]\.for must be at least 1 step/,
    ["parts", 0, "for"],
  ],
  [
    { name: "sequence", parts: [{ length: "5%", schedule: COSINE }] },
    TypeError,
    /a part has no parameter "length"/,
    [
      "parts",
      0,
      "length",
    ],
  ],
  [{ name: "sequence", parts: [] }, TypeError, /parts must be a list of parts/, ["parts"]],
  [{ name: "max", of: [{ ...COSINE, eta_min: 1 }] }, RangeError, /eta_min must be at most lr/, [
    "of",
    0,
    "eta_min",
  ]],
  [
    { name: "min", of: [{ name: "one_cycle", max_lr: 0.1, duration: "100%" }] },
    RangeError,
    /of must be schedules with cycle_momentum: false/,
    ["of"],
  ],
  [
    { name: "repeat", every: "1 epoch", of: { name: "plateau", lr: 0.1 } },
    RangeError,
    /does not depend on evaluations/,
    [
      "of",
    ],
  ],
  [
    { name: "aggressive_restart", lr: 0.1, multiplier: 2, floor: 3 },
    RangeError,
    /floor must be <= multiplier \(2\)/,
    [
      "floor",
    ],
  ],
  [
    { name: "plateau", lr: 0.1, factor: 1 },
    RangeError,
    /factor must be a finite number > 0 and < 1; it is 1/,
    ["factor"],
  ],
  [{ name: "plateau", lr: 0.1, patience: -1 }, RangeError, /patience must be a whole number >= 0; it is -1/, [
    "patience",
  ]],
  [{ name: "plateau" }, RangeError, /lr must be given if there is no scales/, ["lr"]],
  [
    { name: "adaptive_sgdr", lr: 0.1, T_0: "1 epoch", extension_factor: 1 },
    RangeError,
    /extension_factor must be a finite number > 1/,
    ["extension_factor"],
  ],
  [{ name: "custom", module: "" }, TypeError, /module must be a non-empty text/, ["module"]],
];

for (const [spec, Kind, message, path] of REFUSED) {
  Deno.test(`refused: ${JSON.stringify(spec)}`, () => {
    assert.throws(() => buildSchedule(spec as never, SHAPE), (error) => {
      assert.ok(error instanceof Kind, `${error} is no ${Kind.name}`);
      assert.match(error.message, message);
      return true;
    });
    const [problem] = checkSchedule(spec, SHAPE);
    assert.deepEqual(problem?.path, path);
    assert.match(problem!.message, /./);
  });
}

Deno.test("every problem of a spec is found at once", () => {
  const problems = checkSchedule({ name: "sgdr", lr: -1, T_0: 5, T_mul: 2, T_mult: 0 });
  assert.deepEqual(problems.map(({ path }) => path.join(".")).sort(), ["T_0", "T_mul", "T_mult", "lr"]);
});

Deno.test("a run of a fractional or negative length is refused", () => {
  assert.throws(() => buildSchedule(COSINE, { totalSteps: 1.5, stepsPerEpoch: 1 }), /totalSteps is 1\.5/);
  assert.throws(() => buildSchedule(COSINE, { totalSteps: 10, stepsPerEpoch: 0 }), /stepsPerEpoch is 0/);
});

Deno.test("legends", () => {
  const line = (spec: Record<string, unknown>) => describeSchedule(spec as never);
  assert.equal(
    line({ name: "multistep", lr: 0.05, milestones: ["33%", "67%", "89%"] }),
    "multistep 0.05 × 0.1 at 33%, 67%, 89%",
  );
  assert.equal(
    line({ name: "warmup", duration: "5%", then: { ...COSINE, update: "epoch" } }),
    "linear warmup 5% from 0, then cosine 0.1 → 0 over 100%, per epoch",
  );
  assert.equal(
    line({ name: "exponential", lr: 0.1, decay_rate: 0.2 }),
    "exponential 0.1 × e^−0.2 every 1 epoch",
  );
});
