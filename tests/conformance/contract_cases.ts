import type { LearnerOptions } from "#compute/device.ts";
import type { Model } from "#compute/model.ts";
import type { Controls, Learner } from "#train/learner.ts";
import type { LabelLossSpec } from "#train/loss.ts";
import { momentumOf, type OptimizerSpec, type ParameterGroup } from "#train/optimizer.ts";
import type { ReferenceRun } from "./reference_run.ts";
import { CLASSES, learnerOptions, SGD, someBatch, syntheticData } from "./support.ts";

/** Batch norm, a bias of its own kind in each layer, and few enough weights for hundreds of float64 runs. */
export const SMALL: Model = {
  name: "small",
  input: [8, 8, 3],
  classes: CLASSES,
  layers: [
    { kind: "conv", name: "conv1", filters: 4, kernel: 3, stride: 1, padding: "same", bias: false },
    { kind: "batch_norm", name: "norm1" },
    { kind: "relu" },
    { kind: "max_pool", size: 2 },
    { kind: "conv", name: "conv2", filters: 6, kernel: 3, stride: 1, padding: "same", bias: true },
    { kind: "relu" },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: CLASSES },
  ],
};

/** The same with dropout where ReLU and convolution meet, first before a pool, and before the last layer. */
export const DROPPING: Model = {
  ...SMALL,
  name: "dropping",
  layers: [
    ...SMALL.layers.slice(0, 3),
    { kind: "dropout", name: "drop1", rate: 0.2 },
    ...SMALL.layers.slice(3, 6),
    { kind: "dropout", name: "drop2", rate: 0.1 },
    ...SMALL.layers.slice(6, 7),
    { kind: "dropout", name: "drop3", rate: 0.5 },
    ...SMALL.layers.slice(7),
  ],
};

/** Rates at which six steps move the weights by some hundredths of themselves. */
const ADAPTIVE_RATE = 2e-3;

const PLAIN = { weight_decay: 0, clip_norm: null } as const;

interface OptimizerCase {
  readonly spec: OptimizerSpec;
  readonly lr: number;
  /** True: `deno task test` tries all terms together alone, since the golden steps try each. */
  readonly brief?: boolean;
}

/** Every update rule, with a rate to run it at. */
export const OPTIMIZERS: Readonly<Record<string, OptimizerCase>> = {
  "SGD": { spec: { ...SGD, momentum: 0 }, lr: 0.05 },
  "momentum": { spec: SGD, lr: 0.05 },
  "Nesterov": { spec: { ...SGD, nesterov: true }, lr: 0.05 },
  "Adam": { spec: adaptive("adam"), lr: ADAPTIVE_RATE },
  "AdamW": { spec: adaptive("adamw"), lr: ADAPTIVE_RATE },
  "RMSProp": { spec: rmsprop(0), lr: ADAPTIVE_RATE },
  "RMSProp with momentum": { spec: rmsprop(0.9), lr: ADAPTIVE_RATE },
  "Lion": { spec: { name: "lion", betas: [0.9, 0.99], ...PLAIN }, lr: ADAPTIVE_RATE, brief: true },
  "LAMB": {
    spec: { name: "lamb", betas: [0.9, 0.999], eps: 1e-6, always_adapt: false, ...PLAIN },
    lr: 10 * ADAPTIVE_RATE,
    brief: true,
  },
  "schedule-free SGD": {
    spec: { name: "schedule_free_sgd", momentum: 0.9, r: 0, weight_lr_power: 2, ...PLAIN },
    lr: 0.5,
    brief: true,
  },
  "schedule-free AdamW": {
    spec: {
      name: "schedule_free_adamw",
      betas: [0.9, 0.999],
      eps: 1e-8,
      r: 1,
      weight_lr_power: 2,
      ...PLAIN,
    },
    lr: 5 * ADAPTIVE_RATE,
    brief: true,
  },
  "Prodigy": {
    spec: {
      name: "prodigy",
      betas: [0.9, 0.999],
      eps: 1e-8,
      d0: 1e-3,
      d_coef: 1,
      use_bias_correction: false,
      safeguard_warmup: false,
      ...PLAIN,
    },
    lr: 1,
    brief: true,
  },
  "Muon": {
    spec: {
      name: "muon",
      momentum: 0.95,
      nesterov: true,
      adamw_lr_ratio: 0.1,
      betas: [0.9, 0.95],
      eps: 1e-10,
      ...PLAIN,
    },
    lr: 0.02,
    brief: true,
  },
};

/** What may be asked of a step besides: every combination is tested. Bounds that most steps meet. */
export const TERMS = {
  decay: { weight_decay: 0.1 },
  clip: { clip_norm: 0.1 },
  clamp: { clip_value: 0.02 },
  groups: {
    groups: [
      { match: "conv1/*", weight_decay: 0.3 },
      { match: "*2/*" },
      { match: "*bias", lr_factor: 0.5, weight_decay: 0 },
    ] satisfies ParameterGroup[],
  },
} as const;
export type Term = keyof typeof TERMS;

export const COMBINATIONS: readonly (readonly Term[])[] = subsets(Object.keys(TERMS) as Term[]);

/** Every loss but the plain one, which the optimizers are tested with. */
export const LOSSES: readonly LabelLossSpec[] = [
  { name: "cross_entropy", label_smoothing: 0.1 },
  { name: "focal", gamma: 0.5 },
  { name: "focal", gamma: 2 },
];

export interface Case {
  /** Absent: plain cross-entropy. */
  readonly loss?: LabelLossSpec;
  readonly optimizer: keyof typeof OPTIMIZERS;
  readonly terms: readonly Term[];
  /** Whether batches are larger than what goes through the network at a time. */
  readonly accumulate: boolean;
}

export const EVERYTHING: readonly Case[] = Object.keys(OPTIMIZERS).map((optimizer) => ({
  optimizer,
  terms: Object.keys(TERMS) as Term[],
  accumulate: true,
}));

/** The learner of a case. With `accumulate` eight images go in parts of three, three and two. */
export function optionsOf(
  { optimizer, terms, accumulate, loss }: Case,
  model: string | Model = SMALL,
  size = 8,
): LearnerOptions {
  const spec = Object.assign({}, OPTIMIZERS[optimizer]!.spec, ...terms.map((term) => TERMS[term]));
  const options = learnerOptions(model, syntheticData(60, size), accumulate ? 3 : 8, spec);
  return { ...options, ...(loss && { loss }), averages: ["ema", "swa"], gradientNorms: true, dropoutSeed: 3 };
}

/** What the schedule says at a step: rate and momentum move; a group is frozen at first, and another at the end. */
export function controlsOf({ optimizer, terms }: Case, step: number): Controls {
  const { lr, spec } = OPTIMIZERS[optimizer]!;
  const rate = lr * (1 + step) / 6;
  const base = momentumOf(spec);
  const momentum = base === 0 ? 0 : base - 0.01 * step;
  if (!terms.includes("groups")) return { lr: rate, momentum, step };
  return {
    lr: rate,
    momentum,
    step,
    groups: [step < 2 ? null : rate, 0.02 * lr, step > 4 ? null : rate / 2],
  };
}

/** Images of each step; the third's last part, of a learner that takes three at a time, holds one. */
export const BATCHES = [8, 8, 7, 3, 8, 2] as const;
/** The optimizer starts anew before this update. */
const RESET_BEFORE = 3;

/**
 * A short life with all that a learner does: steps of growing rate, a running and an equal average, a reset, and
 * statistics estimated from two batches at the end.
 */
export function live(
  run:
    & Pick<Learner, "average" | "resetOptimizer" | "estimateStatistics">
    & Pick<Learner | ReferenceRun, "update">,
  { data, batchSize }: LearnerOptions,
  entry: Case,
  from = 0,
  to: number = BATCHES.length,
): void {
  for (let step = from; step < to; step++) {
    if (step === RESET_BEFORE) run.resetOptimizer();
    run.update(someBatch(data, 8 * step, BATCHES[step]!), controlsOf(entry, step));
    run.average("ema", 0.3);
    if (step >= 2) run.average("swa", 1 / (step - 1));
  }
  if (to < BATCHES.length) return;
  for (let seen = 0; seen < 2; seen++) {
    run.estimateStatistics(someBatch(data, 20 * seen, batchSize), seen / (seen + 1));
  }
}

function adaptive(name: "adam" | "adamw"): OptimizerSpec {
  return { name, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, clip_norm: null };
}

function rmsprop(momentum: number): OptimizerSpec {
  return { name: "rmsprop", alpha: 0.99, eps: 1e-8, momentum, weight_decay: 0, clip_norm: null };
}

function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]]);
}
