import assert from "node:assert/strict";
import type { BenchmarkScores, SettingScores } from "#results/benchmark_scores.ts";
import { answersOf, type BenchmarkQuestion } from "#study/benchmark/questions.ts";

const SEEDS = [1, 2, 3, 4];

/** A setting in which each family reaches its values, by seed. */
function setting(
  workload: string,
  length: number,
  values: Readonly<Record<string, readonly number[]>>,
): SettingScores {
  const isText = workload === "gpt";
  return {
    name: `${workload}-${length}x`,
    workload,
    length,
    steps: 100 * length,
    model: "m",
    optimizer: "sgd",
    title: workload,
    dataset: { name: "d", train: 1, validation: 1, test: 1000, digest: "" },
    device: { backend: "wasm", name: "", detail: "", why: "" },
    wall_s: 1,
    metric: isText ? "test_perplexity" : "test_accuracy",
    better: isText ? "lower" : "higher",
    guessing: isText ? 40 : 0.1,
    floor: null,
    tuning_seeds: [101],
    seeds: SEEDS,
    families: Object.entries(values).map(([family, test]) => ({
      family,
      rates: [
        { value: 0.1, validation: [0.2], test: [0, 0, 0, 0], validation_failed: 0, test_failed: 0 },
        { value: 0.2, validation: [0.3], test, validation_failed: 0, test_failed: 0 },
      ],
      chosen: 0.2,
      at_edge: true,
    })),
  };
}

const scores = (settings: readonly SettingScores[], unfinished: BenchmarkScores["unfinished"] = []) => ({
  families: ["a", "b"].map((name) => ({ name, why: "", weights: null, schedule: { name: "constant" } })),
  settings,
  unfinished,
});
const asks = (
  expected: BenchmarkQuestion["expected"],
  more: Partial<BenchmarkQuestion> = {},
): BenchmarkQuestion => ({
  question: "Is a better than b?",
  hypothesis: "",
  family: "a",
  against: "b",
  expected,
  ...more,
});
const kinds = (...args: Parameters<typeof answersOf>) =>
  answersOf(...args).map(({ verdict }) => verdict.kind);

Deno.test("better means higher accuracy and lower perplexity", () => {
  const settings = [
    setting("cnn", 1, { a: [0.71, 0.72, 0.73, 0.72], b: [0.6, 0.61, 0.62, 0.61] }),
    setting("gpt", 1, { a: [4.1, 4.2, 4.3, 4.2], b: [6, 6.1, 6.3, 6.1] }),
  ];
  assert.deepEqual(kinds(scores(settings), [asks("better")]), ["supported", "supported"]);
  assert.deepEqual(kinds(scores(settings), [asks("worse")]), ["contradicted", "contradicted"]);
  const [accuracy, perplexity] = answersOf(scores(settings), [asks("better", { except: { gpt: "worse" } })]);
  assert.match(
    accuracy!.text,
    /^test accuracy of a minus b, each at its chosen rate, mean over lengths 1×: \+11\.0 points/,
  );
  assert.deepEqual([accuracy!.unit, perplexity!.unit, perplexity!.verdict.kind], [
    "points",
    "",
    "contradicted",
  ]);
});

Deno.test("differences are means over lengths, by seed; a length that is asked for alone has to be finished", () => {
  const short = setting("cnn", 1, { a: [0.7, 0.7, 0.7, 0.7], b: [0.6, 0.6, 0.6, 0.6] });
  const long = setting("cnn", 4, { a: [0.7, 0.7, 0.7, 0.7], b: [0.8, 0.8, 0.8, 0.8] });
  const effect = (settings: readonly SettingScores[], lengths?: "shortest" | "longest") =>
    answersOf(scores(settings), [asks("better", lengths ? { lengths } : {})]).map(({ verdict }) =>
      verdict.kind === "inconclusive" ? "open" : Math.round(verdict.effect)
    );
  assert.deepEqual([effect([short, long], "shortest"), effect([short, long], "longest")], [[10], [-10]]);
  assert.match(answersOf(scores([short, long]), [asks("better")])[0]!.text, /lengths 1×, 4×: 0\.0 points/);
  const missing = [{ name: "cnn-4x", workload: "cnn", length: 4, runs: 3, of: 9 }];
  assert.deepEqual(answersOf(scores([short], missing), [asks("better", { lengths: "longest" })]), []);
});

Deno.test("intervals allow for the settings to come, and families that were not trained are not asked about", () => {
  const cnn = setting("cnn", 1, { a: [0.7, 0.72, 0.71, 0.7], b: [0.6, 0.61, 0.63, 0.61] });
  const width = (unfinished: BenchmarkScores["unfinished"]) => {
    const { verdict } = answersOf(scores([cnn], unfinished), [asks("better")])[0]!;
    return verdict.interval![1] - verdict.interval![0];
  };
  assert.ok(width([{ name: "vit-1x", workload: "vit", length: 1, runs: 0, of: 9 }]) > width([]));
  assert.deepEqual(answersOf(scores([cnn]), [asks("better", { against: "c" })]), []);
});
