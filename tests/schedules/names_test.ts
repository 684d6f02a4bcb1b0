import assert from "node:assert/strict";
import { CATALOGUE } from "#schedules/entries.ts";
import { placeOfName, scheduleOfName } from "#schedules/frameworks/names.ts";
import { buildSchedule } from "#schedules/registry.ts";

/** All names by which the frameworks' own lists know a schedule, and what ours is called; `+` is around. */
const LISTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "transformers' SchedulerType": {
    linear: "linear",
    cosine: "cosine",
    cosine_with_restarts: "sgdr",
    polynomial: "polynomial",
    constant: "constant",
    constant_with_warmup: "warmup+constant",
    inverse_sqrt: "inverse_sqrt",
    reduce_lr_on_plateau: "plateau",
    cosine_with_min_lr: "warmup+cosine",
    cosine_warmup_with_min_lr: "warmup+cosine",
    warmup_stable_decay: "wsd",
    greedy: "greedy",
  },
  "transformers' functions": {
    get_constant_schedule: "constant",
    get_constant_schedule_with_warmup: "warmup+constant",
    get_linear_schedule_with_warmup: "warmup+linear",
    get_cosine_schedule_with_warmup: "warmup+cosine",
    get_cosine_with_hard_restarts_schedule_with_warmup: "sgdr",
    get_polynomial_decay_schedule_with_warmup: "warmup+polynomial",
    get_inverse_sqrt_schedule: "inverse_sqrt",
    get_cosine_with_min_lr_schedule_with_warmup: "warmup+cosine",
    get_cosine_with_min_lr_schedule_with_warmup_lr_rate: "warmup+cosine",
    get_wsd_schedule: "wsd",
    get_reduce_on_plateau_schedule: "plateau",
    get_greedy_schedule: "greedy",
    GreedyLR: "greedy",
  },
  "timm": {
    cosine: "cosine",
    tanh: "tanh",
    step: "step",
    multistep: "multistep",
    plateau: "plateau",
    poly: "polynomial",
    CosineLRScheduler: "cosine",
    TanhLRScheduler: "tanh",
    StepLRScheduler: "step",
    MultiStepLRScheduler: "multistep",
    PlateauLRScheduler: "plateau",
    PolyLRScheduler: "polynomial",
  },
  "fastai": {
    SchedNo: "constant",
    SchedLin: "linear",
    SchedCos: "cosine",
    SchedExp: "exponential",
    SchedPoly: "polynomial",
    combine_scheds: "sequence",
    combined_cos: "one_cycle",
    fit_one_cycle: "one_cycle",
    fine_tune: "one_cycle",
    fit_flat_cos: "wsd",
    fit_sgdr: "sgdr",
    ParamScheduler: "custom",
    ReduceLROnPlateau: "plateau",
  },
  "DeepSpeed": {
    WarmupLR: "warmup",
    WarmupDecayLR: "warmup+linear",
    WarmupCosineLR: "warmup+cosine",
    OneCycle: "one_cycle",
  },
  "Ultralytics": { cos_lr: "cosine", linear: "linear", one_cycle: "one_cycle" },
  "PyTorch": {
    "torch.optim.lr_scheduler.CosineAnnealingLR": "cosine",
    ConstantLR: "constant",
    LinearLR: "linear",
    StepLR: "step",
    MultiStepLR: "multistep",
    ExponentialLR: "exponential",
    PolynomialLR: "polynomial",
    CosineAnnealingWarmRestarts: "sgdr",
    OneCycleLR: "one_cycle",
    CyclicLR: "cyclic",
    SequentialLR: "sequence",
    ChainedScheduler: "product",
    MultiplicativeLR: "product",
    ReduceLROnPlateau: "plateau",
    LambdaLR: "custom",
  },
};

for (const [list, names] of Object.entries(LISTS)) {
  Deno.test(`names of ${list} lead to ours`, () => {
    for (const [theirs, expected] of Object.entries(names)) {
      if (theirs in CATALOGUE.entries) {
        assert.equal(theirs, expected);
        continue;
      }
      const ours = scheduleOfName(theirs);
      const found = typeof ours === "string" ? ours : `warmup+${(ours?.then as { name: string }).name}`;
      assert.equal(found, expected, theirs);
      const shown = typeof ours === "string" ? CATALOGUE.entries[ours]!.sample : ours!;
      assert.throws(
        () => buildSchedule({ name: theirs }, { totalSteps: 100, stepsPerEpoch: 10 }),
        new RegExp(
          `unknown schedule "${theirs}"; here it is "${shown.name}", such as \\{ name: ${shown.name}`,
        ),
      );
    }
  });
}

Deno.test("what is no schedule here is answered with its place", () => {
  for (const name of ["LRRangeTest", "lr_find"]) {
    assert.equal(scheduleOfName(name), null);
    assert.match(placeOfName(name)!, /range-test/);
  }
  assert.throws(
    () => buildSchedule({ name: "LRRangeTest" }, { totalSteps: 100, stepsPerEpoch: 10 }),
    /unknown schedule "LRRangeTest"; an LR range test is the command range-test/,
  );
});
