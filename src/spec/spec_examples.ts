/**
 * Values, in YAML, that `docs/spec.md` shows for keys whose default is no example; by section, or under `any` for a key
 * in whichever section. The tests check each in a whole spec.
 */
export const SPEC_EXAMPLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "The spec": {
    name: "cosine against a constant rate",
    dataset: "{ name: shapes, train: 1920 }",
    probe: "{ for: 1 epoch }",
    forensics: "true",
    predictions: "true",
    gradient_norms: "true",
    duration: "3 epochs",
    eval_every: "50 steps",
    seeds: "[1, 2, 3]",
    tune: "{ rates: [0.025, 0.05], seeds: [101] }",
    arms: "[{ name: cosine, schedule: { name: cosine, lr: 0.1, T_max: 100% } }]",
    baseline: "base",
    sweep: "{ over: { 'arms[0].schedule.lr': [0.05, 0.1] } }",
    profiles: "{ quick: { duration: 1 epoch } }",
  },
  dataset: { name: "shapes", train: "1920", validation: "500", test: "1000", augment: "[crop, flip]" },
  "optimizer.groups[]": {
    match: "conv1/*",
    lr_factor: "0.1",
    weight_decay: "0",
    schedule: "{ name: constant, lr: 0.01 }",
    frozen_until: "1 epoch",
    frozen_from: "2 epochs",
  },
  tune: { rates: "[0.025, 0.05, 0.1]", seeds: "[101]", extend: "3" },
  sweep: { over: "{ 'arms[0].schedule.lr': [0.05, 0.1] }", seeds: "[1, 2]" },
  probe: { for: "1 epoch" },
  "arms[]": { duration: "50%" },
  "arms[] with stages": {
    stages: "[{ name: one, duration: 1 epoch, schedule: { name: constant, lr: 0.1 } }, " +
      "{ name: two, schedule: { name: constant, lr: 0.01 } }]",
  },
  "arms[].stages[]": { duration: "1 epoch" },
  any: {
    name: "cosine",
    model: "cnn-small",
    optimizer: "{ name: sgd, momentum: 0.9 }",
    loss: "{ name: cross_entropy, label_smoothing: 0.1 }",
    batch_size: "32",
    accumulate: "2",
    averages: "[{ kind: ema }]",
    snapshots: "{ limit: 5 }",
    schedule: "{ name: cosine, lr: 0.1, T_max: 100% }",
    from: "base",
    members: "4",
    compare: "false",
    clock: "stretch",
    clip_norm: "1",
    clip_value: "0.5",
    reset_at_restart: "true",
    groups: "[{ match: conv1/*, lr_factor: 0.1 }]",
  },
};
