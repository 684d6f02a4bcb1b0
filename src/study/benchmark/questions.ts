import type { BenchmarkScores, SettingScores } from "#results/benchmark_scores.ts";
import type { Answer } from "#results/summary.ts";
import { pairedDifference } from "#stats/paired.ts";
import { mean } from "#stats/summary.ts";
import { type Expectation, verdictOf } from "#stats/verdict.ts";
import { differenceText } from "../difference_text.ts";
import type { Asked } from "../exercise.ts";

/** What is expected of a family against another: how much better it ends. */
type Expected = "better" | "worse" | "no difference that matters";

/** A question about two families, answered for each workload by itself. */
export interface BenchmarkQuestion extends Asked {
  readonly family: string;
  readonly against: string;
  readonly expected: Expected;
  /** Those that expect something else. */
  readonly except?: Readonly<Record<string, Expected>>;
  /** The lengths that it is about; the mean over all if left out. */
  readonly lengths?: "shortest" | "longest";
}

/** Differences up to this do not matter, fixed before the runs: two points of accuracy, a tenth of perplexity. */
const MARGINS = { test_accuracy: 0.02, test_perplexity: 0.1 } as const;

/**
 * What common decision trees for choosing a scheduler say, as questions ("plateau where you are unsure, one-cycle for 5 to
 * 20 epochs, cosine for modern networks, warmup and cosine for transformers, step where you know the epochs"). Written
 * before the runs that are reported, and after those of seeds 9001 and 9002 of the CNN, and of part of the families of the
 * transformers, at the shortest length, by which the ranges of rates were chosen.
 */
export const QUESTIONS: readonly BenchmarkQuestion[] = [
  {
    question: "Does a constant rate end worse than cosine?",
    hypothesis: "Yes, worse: nothing brings the noise of the last steps down.",
    family: "constant",
    against: "cosine",
    expected: "worse",
  },
  {
    question: "Is cosine better than step decay, the choice of decision trees where decay epochs are known?",
    hypothesis: "Yes, better: the last drops leave a ninth of the run at a thousandth of the rate.",
    family: "cosine",
    against: "step",
    expected: "better",
  },
  {
    question: "Is linear to zero as good as cosine to zero?",
    hypothesis: "Yes: no difference that matters.",
    family: "linear",
    against: "cosine",
    expected: "no difference that matters",
  },
  {
    question: "Does SGDR end worse than one cosine of equal length?",
    hypothesis: "Yes, worse: its last cycle has four sevenths of the run.",
    family: "SGDR",
    against: "cosine",
    expected: "worse",
  },
  {
    question: "Does WSD with a linear cooldown over a fifth end as well as cosine?",
    hypothesis: "Yes: no difference that matters.",
    family: "WSD, linear",
    against: "cosine",
    expected: "no difference that matters",
  },
  {
    question: "Is cosine with a warmup better than without?",
    hypothesis: "For transformers only; for the CNN there is no difference that matters.",
    family: "cosine",
    against: "cosine, no warmup",
    expected: "better",
    except: { cnn: "no difference that matters" },
  },
  {
    question:
      "Is one-cycle better than cosine at the shortest length, as decision trees have it for 5 to 20 epochs?",
    hypothesis: "Yes, as they say.",
    family: "one-cycle",
    against: "cosine",
    expected: "better",
    lengths: "shortest",
  },
  {
    question: "Is ReduceLROnPlateau, their safe default, worse than cosine?",
    hypothesis: "Yes, worse: it needs evaluations to see what a plan knows from the start.",
    family: "plateau",
    against: "cosine",
    expected: "worse",
  },
  {
    question: "Is a constant rate with an average of the weights as good as cosine?",
    hypothesis: "Yes: no difference that matters; the average does what a decay does.",
    family: "constant, EMA",
    against: "cosine",
    expected: "no difference that matters",
  },
  {
    question: "Does a cosine that stops at a tenth end worse than one to zero, at the longest length?",
    hypothesis: "Yes, worse.",
    family: "cosine to 10 %",
    against: "cosine",
    expected: "worse",
    lengths: "longest",
  },
];

/**
 * The questions about families that were trained, each for every workload whose settings are finished. Intervals hold
 * together for all of them, those that are still to come among them.
 */
export function answersOf(
  { families, settings, unfinished }: Pick<BenchmarkScores, "families" | "settings" | "unfinished">,
  questions: readonly BenchmarkQuestion[] = QUESTIONS,
): Answer[] {
  const trained = (name: string) => families.some((family) => family.name === name);
  const asked = questions.filter(({ family, against }) => trained(family) && trained(against));
  const planned = [...Map.groupBy([...settings, ...unfinished], ({ workload }) => workload)];
  const count = asked.length * planned.length;
  return asked.flatMap((question) =>
    planned.flatMap(([workload, all]) => {
      const wanted = lengthsOf(all.map(({ length }) => length), question.lengths);
      const found = settings.filter((one) => one.workload === workload && wanted.includes(one.length));
      return found.length === 0 ? [] : [answer(question, found, count)];
    })
  );
}

function lengthsOf(all: readonly number[], asked: BenchmarkQuestion["lengths"]): readonly number[] {
  if (asked === undefined) return all;
  return [asked === "shortest" ? Math.min(...all) : Math.max(...all)];
}

function answer(
  { question, hypothesis, family, against, expected, except = {} }: BenchmarkQuestion,
  settings: readonly SettingScores[],
  count: number,
): Answer {
  const { workload, metric } = settings[0]!;
  const [unit, scale] = metric === "test_accuracy" ? ["points", 100] as const : ["", 1] as const;
  const margin = MARGINS[metric];
  const measured = pairedDifference(metricBySeed(settings, family), metricBySeed(settings, against), {
    family: count,
    ...(metric === "test_accuracy" && { resolution: 1 / settings[0]!.dataset.test, largest: 1 }),
  });
  const lengths = settings.map(({ length }) => `${length}×`).join(", ");
  const name = metric === "test_accuracy" ? "test accuracy" : "test perplexity";
  return {
    question: `${workload}: ${question}`,
    hypothesis,
    verdict: verdictOf(measured, expectation(except[workload] ?? expected, settings[0]!, margin), {
      unit,
      scale,
      margin,
      sides: "families",
    }),
    text: `${name} of ${family} minus ${against}, each at its chosen rate, mean over lengths ${lengths}: ${
      differenceText(measured, unit, scale)
    }.`,
    unit,
    arms: [family, against],
    metric,
  };
}

/** The metric by seed, mean over settings, at the rate that tuning chose in each; none where a setting has no rate. */
function metricBySeed(settings: readonly SettingScores[], name: string): Map<number, number> {
  const each = settings.map(({ seeds, families }) => {
    const { rates, chosen } = families.find(({ family }) => family === name)!;
    const test = rates.find(({ value }) => value === chosen)?.test ?? [];
    return new Map(seeds.map((seed, index) => [seed, test[index] ?? null]));
  });
  const seeds = [...new Set(each.flatMap((values) => [...values.keys()]))];
  return new Map(seeds.flatMap((seed): [number, number][] => {
    const values = each.map((of) => of.get(seed) ?? null).filter((value) => value !== null);
    return values.length < each.length ? [] : [[seed, mean(values)]];
  }));
}

function expectation(expected: Expected, { better }: SettingScores, margin: number): Expectation {
  switch (expected) {
    case "no difference that matters":
      return { kind: "within", margin };
    case "better":
      return { kind: better };
    case "worse":
      return { kind: better === "higher" ? "lower" : "higher" };
  }
}
