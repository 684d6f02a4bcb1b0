import { random } from "#lib/prng.ts";
import type { Benchmark } from "#results/benchmark.ts";
import type { BenchmarkScores, RateScores } from "#results/benchmark_scores.ts";

type Setting = BenchmarkScores["settings"][number];

/** Families of an invented benchmark and how good each is, in standard deviations of a run. */
export type Invented = readonly (readonly [name: string, quality: number])[];
const QUALITY: Invented = [["cosine", 0], ["linear", -0.3], ["step", -4], ["constant", -12]];
const RATES = [0.01, 0.02, 0.04];

/** Scores that nobody measured: four families, or others, in some lengths of two workloads. A constant fails at its largest rate. */
export function inventedScores(
  lengths: readonly number[] = [1, 2, 4],
  seeds = 4,
  qualities: Invented = QUALITY,
): BenchmarkScores {
  const source = random(20261128, "benchmark");
  return {
    families: qualities.map(([name]) => ({
      name,
      why: `${name} | as it is`,
      weights: null,
      schedule: { name: "constant", lr: "tuned" },
    })),
    settings: (["cnn", "gpt"] as const).flatMap((workload) =>
      lengths.map((length) => setting({ workload, length, seeds, qualities, normal: source.normal }))
    ),
    unfinished: [],
  };
}

function setting({ workload, length, seeds, qualities, normal }: {
  readonly workload: "cnn" | "gpt";
  readonly length: number;
  readonly seeds: number;
  readonly qualities: Invented;
  readonly normal: () => number;
}): Setting {
  const isText = workload === "gpt";
  const guessing = isText ? 32 : 0.1;
  const shared = Array.from({ length: seeds }, () => 2 * normal());
  // Accuracies around 60 %, perplexities around 10; a standard deviation is a point, or 2 %.
  const metric = (quality: number, seed: number) =>
    isText ? 10 * Math.exp(-0.02 * (quality + seed)) : 0.6 + 0.01 * (quality + seed);
  const rate = (value: number, place: number, quality: number, fails: boolean): RateScores => ({
    value,
    validation: [0.5, 0.5],
    test: shared.map((seed) => fails ? guessing : metric(quality - Math.abs(place - 1), seed + normal())),
    validation_failed: 0,
    test_failed: fails ? seeds : 0,
  });
  return {
    name: `${workload}-${length}x`,
    workload,
    length,
    steps: 100 * length,
    model: `${workload}-tiny`,
    optimizer: "adamw",
    title: isText ? "a small GPT on text" : "a small CNN on images",
    dataset: { name: "invented", train: 1600, validation: 300, test: 1000, digest: "00" },
    device: { backend: "wasm", name: "two cores", detail: "", why: "" },
    wall_s: 61,
    metric: isText ? "test_perplexity" : "test_accuracy",
    better: isText ? "lower" : "higher",
    guessing,
    floor: null,
    tuning_seeds: [101, 102],
    seeds: shared.map((_, place) => 201 + place),
    families: qualities.map(([family, quality]) => ({
      family,
      rates: RATES.map((value, place) => rate(value, place, quality, family === "constant" && place === 2)),
      chosen: 0.02,
      at_edge: false,
    })),
  };
}

/** The same as a result with two answers. */
export function inventedBenchmark(scores: BenchmarkScores = inventedScores()): Benchmark {
  const asked = { hypothesis: "Yes, worse.", text: "as it is", unit: "points" };
  return {
    version: 2,
    kind: "benchmark",
    name: "benchmark of schedules",
    profile: "quick",
    complete: scores.unfinished.length === 0,
    provenance: {
      at: "2026-11-28T22:00:00Z",
      command: "deno task benchmark",
      commit: null,
      versions: { deno: "2.9.6" },
      wall_s: 366,
    },
    scores,
    answers: [
      {
        ...asked,
        question: "Does a constant rate end worse than cosine? (a small CNN on images)",
        verdict: { kind: "supported", effect: -12, interval: [-13, -11], runs: 12, margin: 2 },
      },
      {
        ...asked,
        question: "Is linear as good as cosine? (a small CNN on images)",
        verdict: { kind: "inconclusive", missing: "the interval holds 0; more seeds decide it" },
      },
    ],
  };
}
