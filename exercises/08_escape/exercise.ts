import spec from "./spec.yaml" with { type: "text" };
import type { Exercise } from "#study/exercise.ts";
import { atRestart } from "#study/jump_questions.ts";
import { onLine } from "#study/line_questions.ts";
import { comparing } from "#study/questions.ts";

/**
 * Exercise 8: escape from a stuck checkpoint. The questions were written before the runs. A first run's checkpoint still
 * improved, so it was made really stuck; and since then the path to the end is measured above its higher end.
 */
export const exercise: Exercise = {
  number: 8,
  title: "Escape from a stuck checkpoint",
  introduction:
    "Training is stuck: the validation accuracy has not moved for a long time. A guide suggests aggressive " +
    "restarts (every epoch up to four times the base rate and down to a thousandth of it) or warm restarts. " +
    "Here a checkpoint is made stuck, by a rate that was decayed far too early, and every suggestion gets the same number " +
    "of further steps, with its base rate tuned by the same budget; the plain one is a higher rate that falls by a " +
    "cosine. The loss on the line from the stuck weights to each end shows whether an arm crossed a " +
    "barrier or only went down.",
  spec,
  questions: [
    comparing({
      question: "Is it stuck: does continuing unchanged gain nothing?",
      hypothesis:
        "Nothing: within 1 point of the checkpoint, in three times the steps that it has stood still for.",
    }, {
      arm: "control",
      against: "stuck",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.01 },
    }),
    comparing({
      question: "Do aggressive restarts get it going?",
      hypothesis: "Yes: what stopped was the rate, not the loss.",
    }, {
      arm: "aggressive ×4",
      against: "control",
      metric: "test_accuracy",
      expect: { kind: "higher", by: 0.05 },
    }),
    comparing({
      question: "Do they with the rates of the guide itself, 2e-4 down to 5e-8?",
      hypothesis:
        "Hardly: within 5 points, since for this optimizer these rates are about a hundred times too small.",
    }, {
      arm: "aggressive, the guide's rates",
      against: "control",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.05 },
    }),
    comparing({
      question: "Are they better than a higher rate with one cosine, which one would try first?",
      hypothesis: "No, lower: six short descents have less time each than one.",
    }, {
      arm: "aggressive ×4",
      against: "higher rate, cosine",
      metric: "test_accuracy",
      expect: { kind: "lower" },
    }),
    comparing({
      question: "Is a multiplier of 2 worse than one of 4 on the same base?",
      hypothesis: "No: within 5 points; the base was tuned for 4, so 2 is only somewhat slow.",
    }, {
      arm: "aggressive ×2",
      against: "aggressive ×4",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.05 },
    }),
    comparing({
      question: "Are warm restarts of equal cycles better than aggressive ones?",
      hypothesis: "Yes: four cycles have more time each than six.",
    }, {
      arm: "warm restarts, equal",
      against: "aggressive ×4",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "Are cycles that grow by 1.5 better than equal ones?",
      hypothesis: "Yes: their last one is longer.",
    }, {
      arm: "warm restarts ×1.5",
      against: "warm restarts, equal",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "And by 2?",
      hypothesis: "Yes.",
    }, {
      arm: "warm restarts ×2",
      against: "warm restarts, equal",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "Was anything lost by being stuck?",
      hypothesis: "Yes: it ends below a run of the same total length that was never stuck.",
    }, {
      arm: "higher rate, cosine",
      against: "never stuck",
      metric: "test_accuracy",
      expect: { kind: "lower" },
    }),
    comparing({
      question: "Is the stuck checkpoint worth more than fresh weights, for the same further steps?",
      hypothesis: "Yes: its first 240 steps were not in vain.",
    }, {
      arm: "higher rate, cosine",
      against: "fresh start",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    onLine({
      question: "Is there a loss barrier between the stuck checkpoint and where the plain suggestion ends?",
      hypothesis: "No: the loss only falls on the straight line, so there was no minimum to escape from.",
    }, { arm: "higher rate, cosine", figure: "rise", expect: { kind: "lower" } }),
    onLine({
      question: "And where aggressive restarts end?",
      hypothesis: "Yes: rates this high throw the weights over a barrier.",
    }, { arm: "aggressive ×4", figure: "rise", expect: { kind: "higher" } }),
    atRestart({
      question: "Does the loss jump at an aggressive restart?",
      hypothesis: "Yes, and it comes back within the period.",
    }, { arm: "aggressive ×4", expect: { kind: "higher" } }),
  ],
};
