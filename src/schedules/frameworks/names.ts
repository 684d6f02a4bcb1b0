import type { ScheduleSpec } from "../schedule.ts";

/** Schedules of other frameworks by the names that people know them by, and ours. */
const SCHEDULES: Readonly<Record<string, readonly string[]>> = {
  constant: ["ConstantLR", "constant_schedule", "get_constant_schedule", "SchedNo"],
  step: ["StepLR", "StepLRScheduler", "step_decay", "StepDecay", "StepParamScheduler"],
  multistep: [
    "MultiStepLR",
    "MultiStepLRScheduler",
    "PiecewiseConstantDecay",
    "piecewise_constant_schedule",
    "piecewise",
    "WarmupMultiStepLR",
  ],
  exponential: [
    "ExponentialLR",
    "ExponentialDecay",
    "exponential_decay",
    "exp",
    "NaturalExpDecay",
    "SchedExp",
  ],
  polynomial: [
    "PolynomialLR",
    "PolynomialDecay",
    "polynomial_schedule",
    "PolyLRScheduler",
    "PolyLR",
    "poly",
    "SchedPoly",
  ],
  linear: ["LinearLR", "linear_schedule", "LinearDecay", "linear_decay", "SchedLin"],
  cosine: [
    "CosineAnnealingLR",
    "CosineDecay",
    "cosine_decay",
    "cosine_decay_schedule",
    "cosine_annealing",
    "CosineLRScheduler",
    "SchedCos",
    "cos",
    "cos_lr",
  ],
  sgdr: [
    "CosineAnnealingWarmRestarts",
    "CosineAnnealingWarmupRestarts",
    "CosineDecayRestarts",
    "cosine_with_restarts",
    "cosine_restarts",
    "sgdr_schedule",
    "fit_sgdr",
    "warm_restarts",
    "get_cosine_with_hard_restarts_schedule_with_warmup",
  ],
  one_cycle: [
    "OneCycleLR",
    "OneCycle",
    "1cycle",
    "fit_one_cycle",
    "fine_tune",
    "combined_cos",
    "cosine_onecycle_schedule",
    "linear_onecycle_schedule",
  ],
  cyclic: ["CyclicLR", "CyclicalLearningRate", "triangular", "triangular2", "exp_range", "clr"],
  noam: ["NoamLR", "NoamOpt", "transformer_schedule"],
  inverse_sqrt: [
    "get_inverse_sqrt_schedule",
    "InverseSqrt",
    "inv_sqrt",
    "rsqrt",
    "InverseSquareRootSchedule",
  ],
  inverse_time: ["InverseTimeDecay", "inverse_time_decay", "LambdaInverse"],
  tanh: ["TanhLRScheduler"],
  product: ["ChainedScheduler", "MultiplicativeLR"],
  wsd: [
    "get_wsd_schedule",
    "warmup_stable_decay",
    "trapezoidal",
    "WarmupStableDecay",
    "tri_stage",
    "TriStageLRSchedule",
    "fit_flat_cos",
    "FlatCosine",
  ],
  power: ["PowerLR", "PowerScheduler"],
  greedy: ["GreedyLR", "get_greedy_schedule"],
  warmup: ["GradualWarmupScheduler", "WarmupLR", "LinearWarmupLR"],
  sequence: [
    "SequentialLR",
    "join_schedules",
    "SequentialSchedule",
    "combine_scheds",
    "piecewise_interpolate_schedule",
  ],
  plateau: [
    "ReduceLROnPlateau",
    "reduce_on_plateau",
    "reduce_lr_on_plateau",
    "PlateauLRScheduler",
    "get_reduce_on_plateau_schedule",
  ],
  custom: ["LambdaLR", "LearningRateScheduler", "ParamScheduler"],
};

const warmed = (then: ScheduleSpec): ScheduleSpec => ({ name: "warmup", duration: "5%", then });
const decaying = (name: string): ScheduleSpec => ({ name, lr: 0.1, duration: "95%" });

/** Schedules of other frameworks that have the warmup in the same call, as a warmup around ours. */
const WITH_WARMUP: readonly { readonly ours: ScheduleSpec; readonly names: readonly string[] }[] = [
  {
    ours: warmed({ name: "constant", lr: 0.1 }),
    names: ["constant_with_warmup", "get_constant_schedule_with_warmup", "warmup_constant_schedule"],
  },
  { ours: warmed(decaying("linear")), names: ["get_linear_schedule_with_warmup", "WarmupDecayLR"] },
  { ours: warmed(decaying("polynomial")), names: ["get_polynomial_decay_schedule_with_warmup"] },
  {
    ours: warmed({ name: "exponential", lr: 0.1, gamma: 0.9, every: "1 epoch" }),
    names: ["warmup_exponential_decay_schedule"],
  },
  {
    ours: warmed({ name: "cosine", lr: 0.1, T_max: "95%" }),
    names: [
      "get_cosine_schedule_with_warmup",
      "warmup_cosine_decay_schedule",
      "WarmupCosineSchedule",
      "WarmupCosineLR",
      "LinearWarmupCosineAnnealingLR",
    ],
  },
  {
    ours: warmed({ name: "cosine", lr: 0.1, eta_min: 0.01, T_max: "95%" }),
    names: [
      "cosine_with_min_lr",
      "cosine_warmup_with_min_lr",
      "get_cosine_with_min_lr_schedule_with_warmup",
      "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    ],
  },
];

/** Names of other frameworks that are no schedule here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  LRRangeTest: "an LR range test is the command range-test",
  LRFinder: "an LR range test is the command range-test",
  lr_find: "an LR range test is the command range-test",
  SWALR: "averages of the weights are the setting averages of a training; a constant schedule holds the rate",
};

/** A name without case, underscores and such: `CosineAnnealingLR` and `cosine_annealing_lr` are one. */
export const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

const lastPart = (name: string): string => plainName(name.split(".").at(-1)!);
const byName = <T>(pairs: readonly (readonly [string, T])[]): ReadonlyMap<string, T> =>
  new Map(pairs.map(([name, value]) => [plainName(name), value]));

const OURS = byName(Object.entries(SCHEDULES).flatMap(([ours, names]) => names.map((name) => [name, ours])));
const COMPOSED = byName(WITH_WARMUP.flatMap(({ ours, names }) => names.map((name) => [name, ours])));
const NO_SCHEDULE = byName(Object.entries(ELSEWHERE));

/**
 * Our schedule by the name of another framework's (`CosineAnnealingLR`), with or without its module: the name of ours, or
 * a spec where it is a composition; `null` for none.
 */
export const scheduleOfName = (name: string): string | ScheduleSpec | null =>
  OURS.get(lastPart(name)) ?? COMPOSED.get(lastPart(name)) ?? null;

/** The place here of something of another framework that is no schedule, in one clause; `null` for an unknown name. */
export const placeOfName = (name: string): string | null => NO_SCHEDULE.get(lastPart(name)) ?? null;
