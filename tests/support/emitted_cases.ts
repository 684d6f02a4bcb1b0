import { CATALOGUE } from "#schedules/entries.ts";
import type { SnippetCase } from "./snippets.ts";

/** The run of the cases. */
export const SHAPE = { totalSteps: 120, stepsPerEpoch: 12 };
const COSINE = { name: "cosine", lr: 0.1, eta_min: 0.001, T_max: "90%" };

/** What the golden configurations do not have: real T_mult, decay, ends, warmups and nesting. */
const OWN: readonly SnippetCase[] = [
  { name: "sgdr", lr: 0.1, eta_min: 1e-4, T_0: "10 steps", T_mult: 1.5 },
  { name: "sgdr", lr: 0.1, eta_min: 1e-3, T_0: "9 steps", T_mult: 1.5, lr_decay: 0.8, inclusive_end: true },
  { name: "sgdr", lr: 0.1, T_0: "7 steps", cycle_limit: 3, lr_decay: 0.5, eta_min: 0.01 },
  { name: "sgdr", lr: 0.1, T_0: "10 steps", T_mult: 2, cycle_limit: 3 },
  { name: "sgdr", lr: 0.1, eta_min: 0.01, T_0: "10 steps", lr_decay: 0.7 },
  { name: "sgdr", lr: 0.1, eta_min: 0.01, T_0: "12 steps", warmup: "4 steps", T_mult: 1.5, lr_decay: 0.7 },
  { name: "sgdr", lr: 0.1, eta_min: 0.01, T_0: "12 steps", warmup: "4 steps", inclusive_end: true },
  {
    ...{ name: "sgdr", lr: 0.1, eta_min: 0.01, T_0: "12 steps", warmup: "3 steps", T_mult: 2 },
    ...{ lr_decay: 0.7, decay_min: false },
  },
  { name: "sgdr", lr: 0.1, eta_min: 0.01, T_0: "12 steps", lr_decay: 0.7, decay_min: false },
  { name: "sgdr", lr: 0.1, eta_min: 0.01, T_0: "12 steps", lr_decay: 0.7, decay_min: false, T_mult: 2 },
  { name: "sgdr", lr: 0.1, eta_min: 0.01, T_0: "40 steps", T_mult: 0.6, lr_decay: 0.5 },
  { name: "sgdr", lr: 0.1, T_0: "50 steps", T_mult: 0.5, warmup: "5 steps" },
  { name: "one_cycle", max_lr: 0.1, duration: "100%", inclusive_end: false, pct_start: 0.25 },
  { name: "one_cycle", max_lr: 0.1, duration: "80 steps", inclusive_end: false, three_phase: true },
  // The second phase is shorter than 1e-12 steps; rounded to 15 digits its end would be the first one's.
  { name: "one_cycle", max_lr: 0.1, duration: "72 steps", inclusive_end: false, pct_start: 1 - 3e-15 },
  { name: "one_cycle", max_lr: 0.1, duration: "100 steps", pct_start: 0.29, anneal: "linear" },
  { name: "cosine", lr: 0.1, T_max: "40 steps" },
  { name: "polynomial", lr: 0.1, end_lr: 0.01, power: 2, duration: "30 steps", cycle: true },
  { name: "polynomial", lr: 0.1, end_lr: 0.2, power: 0.5, duration: "60 steps" },
  { name: "exponential", lr: 0.1, decay_rate: 0.3 },
  { name: "exponential", lr: 0.1, gamma: 0.8, staircase: true },
  { name: "one_cycle", max_lr: 0.1, duration: "80 steps" },
  { name: "one_cycle", max_lr: 0.1, duration: "10 steps", pct_start: 0.1 },
  { name: "one_cycle", max_lr: 0.1, duration: "50 steps", three_phase: true, anneal: "linear" },
  { name: "cyclic", base_lr: 0.01, max_lr: 0.1, step_size_up: "8 steps", mode: "triangular2" },
  { name: "warmup", duration: "10%", then: COSINE },
  { name: "warmup", duration: "10%", from: 0.01, then: COSINE },
  {
    name: "warmup",
    duration: "10%",
    skip_zero: true,
    then: { name: "step", lr: 0.1, step_size: "2 epochs" },
  },
  {
    name: "warmup",
    duration: "10%",
    shape: "cosine",
    from: 0.01,
    then: { name: "inverse_sqrt", lr: 0.1, warmup: "5 steps" },
  },
  {
    name: "warmup",
    duration: "10%",
    shape: "exponential",
    from: 1e-4,
    then: { name: "linear", lr: 0.1, duration: "90%" },
  },
  { name: "warmup", duration: "10%", then: { name: "linear", lr: 0.1, duration: "90%" } },
  { name: "warmup", duration: "10%", then: { name: "sgdr", lr: 0.1, T_0: "36 steps" } },
  { name: "warmup", duration: "10%", then: { name: "constant", lr: 0.1 } },
  { name: "warmup", duration: "10%", then: { name: "one_cycle", max_lr: 0.1, duration: "90%" } },
  // A geometric ramp that went on past its end would overflow.
  {
    name: "warmup",
    duration: "2 steps",
    shape: "exponential",
    from: 1e-9,
    then: { name: "constant", lr: 0.1 },
  },
  { name: "wsd", lr: 0.1, warmup: "10%", stable: "50%", decay: "40%", decay_shape: "1-sqrt", min_ratio: 0.1 },
  { name: "wsd", lr: 0.1, warmup: "0 steps", stable: "50%", decay: "0 steps" },
  {
    name: "scale",
    by: 2,
    of: { name: "repeat", every: "3 epochs", of: { name: "linear", lr: 0.1, duration: "3 epochs" } },
  },
  {
    name: "max",
    of: [COSINE, { name: "constant", lr: 0.02 }, { name: "noam", d_model: 64, warmup: "20 steps" }],
  },
  {
    name: "sequence",
    parts: [
      { for: "2 epochs", schedule: { name: "constant", lr: 0.1 } },
      {
        for: "3 epochs",
        schedule: { name: "multistep", lr: 0.05, milestones: ["1 epoch", "1 epoch", "2 epochs"] },
      },
      { for: "1 epoch", schedule: { name: "min", of: [COSINE, { name: "constant", lr: 0.05 }] } },
    ],
  },
  { ...COSINE, num_cycles: 1.5 },
  { ...COSINE, exponent: 2 },
  { ...COSINE, k_decay: 1.7 },
  { ...COSINE, num_cycles: 0.7, exponent: 0.5, k_decay: 0.8 },
  { name: "warmup", duration: "10%", then: { ...COSINE, num_cycles: 2 } },
  { name: "polynomial", lr: 0.1, end_lr: 0.01, power: 2, k_decay: 1.5, duration: "80%" },
  { name: "inverse_time", lr: 0.1, decay_rate: 0.3, every: "5 steps", staircase: true },
  { name: "inverse_time", lr: 0.1, decay_rate: 0.3, every: "5 steps", power: 0.75 },
  { name: "power", lr: 0.01, batch_size: 8, sequence_length: 512, amplitude: 0.1, warmup: "0 steps" },
  { name: "tanh", lr: 0.1, duration: "50%", lower: -6 },
  { name: "inverse_sqrt", lr: 0.1, warmup: "10 steps", timescale: "40 steps" },
  { name: "inverse_sqrt", lr: 0.1, warmup: "30 steps", timescale: "10 steps" },
  { name: "inverse_sqrt", lr: 0.1, warmup: "0 steps", timescale: "7 steps" },
  ...["exponential", "geometric", "inverse"].map((decay_shape) => ({
    ...{ name: "wsd", lr: 0.1, warmup: "10%", stable: "50%", decay: "40%", min_ratio: 0.05 },
    decay_shape,
    start_ratio: 0.1,
  })),
  {
    ...{ name: "wsd", lr: 0.1, warmup: "10%", stable: "50%", decay: "30%", warmup_shape: "1-sqrt" },
    ...{ start_ratio: 0.05, min_ratio: 0.05, decay_shape: "cosine" },
  },
  {
    ...{
      name: "wsd",
      lr: 0.1,
      warmup: "10%",
      stable: "10%",
      decay: "10%",
      cycles: 3,
      warmup_shape: "cosine",
    },
    ...{ min_ratio: 0.1, decay_shape: "inverse" },
  },
  { name: "wsd", lr: 0.1, warmup: "0 steps", stable: "10%", decay: "10%", cycles: 20 },
  ...["log", "1-sqrt"].map((shape) => ({ name: "warmup", duration: "10%", from: 0.01, shape, then: COSINE })),
  { name: "warmup", duration: "10%", clock: "run", then: { ...COSINE, T_max: "100%" } },
  { name: "warmup", duration: "10%", clock: "run", ramp_to: "joined", then: COSINE },
  {
    name: "repeat",
    every: "2 epochs",
    decay: 0.5,
    of: { name: "linear", lr: 0.1, end_lr: 0.01, duration: "2 epochs" },
  },
  {
    name: "product",
    of: [
      { name: "exponential", lr: 0.5, gamma: 0.9, every: "1 epoch" },
      { name: "step", lr: 0.2, step_size: "30 steps" },
    ],
  },
  {
    name: "product",
    of: [
      { name: "linear", lr: 0.5, end_lr: 1, duration: "10%" },
      { name: "multistep", lr: 0.1, milestones: ["30%", "60%"] },
    ],
  },
  { name: "noise", start: "10 steps", end: "80 steps", of: COSINE },
  { name: "noise", distribution: "uniform", amount: 0.2, seed: 7, of: COSINE },
  { ...COSINE, T_max: "10 epochs", update: "epoch" },
  { name: "step", lr: 0.1, step_size: "30 steps", update: "epoch" },
].map((spec) => ({ spec, shape: SHAPE }));

/** All kinds of schedules, which every framework is tried with. */
export const KINDS: readonly SnippetCase[] = [
  ...OWN,
  ...Object.values(CATALOGUE.entries).filter(({ name }) =>
    !["custom", "plateau", "adaptive_sgdr", "greedy"].includes(name)
  )
    .map(({ sample }) => ({ spec: sample, shape: SHAPE })),
];
