import { FAMILIES, type Family } from "./families.ts";

/** A model with its data and optimizer. */
export interface Workload {
  readonly name: string;
  /** As a sentence names it. */
  readonly title: string;
  readonly model: string;
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly dataset: Readonly<Record<string, unknown>>;
  readonly batchSize: number;
  /** Steps of the shortest length. */
  readonly steps: number;
  /** Rates that every family tries, each twice the one before; those of a family with a scale of its own beside it. */
  readonly rates: readonly number[];
}

/** A size of the benchmark. */
export interface Profile {
  readonly name: string;
  readonly workloads: readonly Workload[];
  /** Multiples of a workload's shortest length. */
  readonly lengths: readonly number[];
  /** Seeds that choose rates; no comparison has them. */
  readonly tuningSeeds: readonly number[];
  /** Seeds of the comparison, the same for every family. */
  readonly seeds: readonly number[];
  /** The families that are trained, by name; all where left out. */
  readonly families?: readonly string[];
}

/** `count` rates from `first` on, each twice the one before. */
const doubling = (first: number, count = 6): readonly number[] =>
  Array.from({ length: count }, (_, index) => first * 2 ** index);

const SGD = { name: "sgd", momentum: 0.9, clip_norm: 1 };
const ADAMW = { name: "adamw", clip_norm: 1 };

/** The networks that two cores train, as in exercises 1 to 3 and 10 to 12. */
const SMALL: readonly Workload[] = [
  {
    name: "cnn",
    title: "a small CNN on images, SGD with momentum",
    model: "cnn-tiny",
    optimizer: SGD,
    dataset: { name: "shapes-16", train: 1600, validation: 300, test: 1000 },
    batchSize: 16,
    steps: 100,
    rates: doubling(0.05),
  },
  {
    name: "vit",
    title: "a small vision transformer on images, AdamW",
    model: "vit-tiny",
    optimizer: ADAMW,
    dataset: { name: "shapes-16", train: 1600, validation: 300, test: 1000 },
    batchSize: 16,
    steps: 150,
    rates: doubling(0.002),
  },
  {
    name: "gpt",
    title: "a small GPT on text, AdamW",
    model: "gpt-tiny",
    optimizer: ADAMW,
    dataset: { name: "grammar", context: 32, train: 2000, validation: 50, test: 200 },
    batchSize: 8,
    steps: 150,
    rates: doubling(0.002),
  },
];

/** The larger ones of the lab at lengths of thousands of steps. */
const LARGE: readonly Workload[] = [
  {
    name: "cnn",
    title: "a CNN on images, SGD with momentum",
    model: "cnn",
    optimizer: { ...SGD, weight_decay: 5e-4 },
    dataset: { name: "shapes", train: null, validation: 5000, test: null, augment: ["crop", "flip"] },
    batchSize: 128,
    steps: 2000,
    rates: doubling(0.0125, 7),
  },
  {
    name: "vit",
    title: "a vision transformer on images, AdamW",
    model: "vit-small",
    optimizer: { ...ADAMW, weight_decay: 0.05 },
    dataset: { name: "shapes", train: null, validation: 5000, test: null, augment: ["crop", "flip"] },
    batchSize: 128,
    steps: 2000,
    rates: doubling(0.00025, 7),
  },
  {
    name: "gpt",
    title: "a GPT on text, AdamW",
    model: "gpt-small",
    optimizer: { ...ADAMW, weight_decay: 0.1 },
    dataset: { name: "grammar", context: 64, train: null, validation: 500, test: 2000 },
    batchSize: 32,
    steps: 2000,
    rates: doubling(0.0005, 7),
  },
];

const seedsFrom = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => first + index);

/** The sizes. `standard` is what two cores do in two hours; `full` is for GPUs, or several machines. */
export const PROFILES: readonly Profile[] = [
  {
    name: "quick",
    workloads: SMALL.map((workload) => ({
      ...workload,
      steps: workload.steps / 2,
      rates: workload.rates.slice(1, 5),
    })),
    lengths: [1, 2],
    tuningSeeds: [101, 102],
    seeds: seedsFrom(201, 3),
    families: ["constant", "constant, EMA", "step", "cosine", "cosine, no warmup", "WSD, linear"],
  },
  {
    name: "standard",
    workloads: SMALL,
    lengths: [1, 2, 4],
    tuningSeeds: seedsFrom(101, 3),
    seeds: seedsFrom(201, 12),
  },
  {
    name: "full",
    workloads: LARGE,
    lengths: [1, 2, 4],
    tuningSeeds: seedsFrom(101, 3),
    seeds: seedsFrom(201, 8),
  },
];

/** The families of a profile. @throws {RangeError} for a name that no family has. */
export function familiesOf({ families }: Profile): readonly Family[] {
  return families === undefined ? FAMILIES : families.map((name) => {
    const found = FAMILIES.find((family) => family.name === name);
    if (found) return found;
    throw new RangeError(
      `Unknown family ${JSON.stringify(name)}: expected ${FAMILIES.map(({ name }) => name).join(", ")}`,
    );
  });
}
