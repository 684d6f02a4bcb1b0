/** What is killed: small experiments that make every kind of write. */

/** A task, its spec and its options. */
export interface Subject {
  readonly task: "train" | "sweep" | "range-test";
  readonly spec: string;
  readonly options: readonly string[];
  /** Files beside the spec, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

const DATA = "dataset: { name: shapes-16, train: 64, validation: 16, test: 16, augment: [crop, flip] }";

/** Batch norm and dropout in one network. */
const BOTH =
  `{ layers: [{ kind: conv, name: conv1, filters: 8, bias: false }, { kind: batch_norm }, { kind: relu },
  { kind: max_pool }, { kind: conv, filters: 8 }, { kind: relu }, { kind: global_average_pool },
  { kind: dropout, rate: 0.25 }, { kind: dense }] }`;

/**
 * Feedback, restarts, averages, groups that are frozen, augmentation, snapshots, and a run that goes on from another.
 *
 * @param epochs of the first run, in cycles of 1, 2, 4, 8 …; the second run adds 2. An epoch has 8 steps.
 * @param model with a layer `conv1`.
 */
export const training = (epochs: number, model: string): Subject => ({
  task: "train",
  options: ["--jobs", "1"],
  spec: `name: kills
${DATA}
model: ${model}
optimizer:
  name: adamw
  weight_decay: 0.01
  clip_norm: 1
  reset_at_restart: true
  groups: [{ match: "conv1/*", lr_factor: 0.5, frozen_until: 4 steps }]
batch_size: 8
duration: ${epochs} epochs
eval_every: 8 steps
seeds: [1]
averages: [{ kind: ema }, { kind: swa, from: 50% }, { kind: cycle }]
snapshots: { limit: 1 }
predictions: true
gradient_norms: true
probe: { for: 16 steps, every: 4 }
hessian: { every: 7 steps, images: 12, products: 3 }
arms:
  - name: cycles
    schedule:
      name: plateau
      patience: 0
      factor: 0.7
      scales: { name: sgdr, lr: 0.001, T_0: 1 epoch, T_mult: 2 }
  - name: after
    from: cycles
    duration: ${epochs + 2} epochs
    schedule: { name: cosine, lr: 0.0005, T_max: 2 epochs }
`,
});

const plain = (epochs: number) =>
  `name: kills
${DATA}
model: cnn-tiny
batch_size: 8
duration: ${epochs} epochs
eval_every: 2 epochs
seeds: [1]
arms: [{ name: falls, schedule: { name: polynomial, lr: 0.05, duration: 100%, power: 1 } }]
`;

/** Four cells in rungs of growing length, of which the better ones go on. */
const SWEEP: Subject = {
  task: "sweep",
  spec: plain(4),
  options: [
    ...["--over", "arms[0].schedule.lr=log:1e-3..1e-1", "--method", "halving"],
    ...["--samples", "4", "--eta", "2", "--seeds", "1-2", "--jobs", "2"],
  ],
};

/** Two ramps and the short runs that check what they suggest. */
const RANGE_TEST: Subject = {
  task: "range-test",
  spec: plain(1),
  options: ["--to", "0.5", "--steps", "48", "--seeds", "1-2", "--check-steps", "8", "--jobs", "1"],
};

/** A run with each loss whose weights change over it; with masks, and files of them. An epoch has 4 steps. */
export const losses = (epochs: number): Subject => ({
  task: "train",
  options: ["--jobs", "1"],
  spec: `name: kills
dataset: { name: shapes-masks-16, train: 32, validation: 8, test: 8, augment: [crop, flip] }
model: unet-micro
optimizer: { name: adam }
batch_size: 8
duration: ${epochs} epochs
eval_every: 2 steps
seeds: [1]
arms:
${
    [
      "adaptive_structure_boundary",
      "adaptive_progressive_hybrid, transition: switch",
      "adaptive_complexity_cascade, order: shuffled",
      "adaptive_dynamic_hybrid, patience: 1, threshold: 0.02",
    ].map((loss, index) =>
      `  - { name: loss ${index + 1}, loss: { name: ${loss} }, schedule: { name: constant, lr: 0.02 } }`
    ).join("\n")
  }
`,
});

/** A text of one's own and a transformer, with an event file of TensorBoard beside the record. */
const TEXT: Subject = {
  task: "train",
  options: ["--log", "tensorboard", "--jobs", "1"],
  files: { "text.txt": "One step after the other, each from where the last one stood: é.\n".repeat(40) },
  spec: `name: kills
dataset: { name: text, path: text.txt, context: 16, train: 64, validation: 8, test: 8 }
model: gpt-tiny
optimizer: { name: lion, weight_decay: 0.1 }
batch_size: 8
duration: 2 epochs
eval_every: 4 steps
seeds: [1, 2]
averages: [{ kind: ema }]
arms: [{ name: one cycle, schedule: { name: one_cycle, max_lr: 0.001, duration: 100% } }]
`,
};

/** By what is killed. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  "train": training(4, BOTH),
  "train with losses that change": losses(3),
  "train on text": TEXT,
  "sweep": SWEEP,
  "range-test": RANGE_TEST,
};
