import spec from "./spec.yaml" with { type: "text" };
import { type Budget, sensitiveToRate, tunedWith } from "#study/budget_questions.ts";
import type { Exercise } from "#study/exercise.ts";
import type { Expectation } from "#stats/verdict.ts";

const [LOWER, HIGHER] = [{ kind: "lower" }, { kind: "higher" }] as const;
const within = (points: number) => ({ kind: "within", margin: points / 100 } as const);
const SEVEN: Budget = { rates: 7 };
const ONE: Budget = { rates: 1 };
/** The rate that an arm's authors, or custom, give. */
const usual = (rate: number): Budget => ({ rate });
type Side = readonly [arm: string, budget: Budget];

function asking(
  question: string,
  hypothesis: string,
  [one, other]: readonly [Side, Side],
  expect: Expectation,
) {
  const [arm, budget] = one;
  const [against, againstBudget] = other;
  return tunedWith({ question, hypothesis }, { arm, budget, against, againstBudget, expect });
}

/** Exercise 12: tuning budgets. Everything below was written before the runs. */
export const exercise: Exercise = {
  number: 12,
  title: "Tuning-free? Schedule-free and Prodigy against tuned optimizers",
  introduction:
    "Schedule-free optimizers promise to do without a schedule, Prodigy without a rate. An optimizer that was tuned " +
    "harder looks better, so each has the same budget here: the same number of rates, over a range of the same width, tried with the same seeds. " +
    "For every budget the report has the test accuracy that tuning reaches, selected on validation data by tuning's seeds and " +
    "measured with others: with one rate, drawn from the seven, with the best of two, up to the best of all; and what a rate half or twice the best costs.",
  spec,
  questions: [
    asking(
      "Is Prodigy at its rate of 1, untuned, as good as SGD with the best of seven rates?",
      "As good: within 2 points, as its authors promise.",
      [["prodigy", usual(1)], ["sgd", SEVEN]],
      within(2),
    ),
    asking(
      "Does tuning Prodigy's rate gain anything?",
      "No: within 1 point; it estimates the rate itself.",
      [["prodigy", SEVEN], ["prodigy", usual(1)]],
      within(1),
    ),
    asking(
      "Is schedule-free SGD at its package's rate of 1 as good as SGD with cosine and the best of seven rates?",
      "As good: within 2 points.",
      [["schedule-free sgd", usual(1)], ["sgd", SEVEN]],
      within(2),
    ),
    asking(
      "Is schedule-free AdamW at its package's rate of 0.0025 as good as AdamW with the best of seven?",
      "No, lower: in a run this short that rate is too small.",
      [["schedule-free adamw", usual(0.0025)], ["adamw", SEVEN]],
      LOWER,
    ),
    asking(
      "Does SGD at the usual 0.1 lose anything to the best of seven rates?",
      "No: within 1 point.",
      [["sgd", usual(0.1)], ["sgd", SEVEN]],
      within(1),
    ),
    asking(
      "Does AdamW at the usual 0.001?",
      "Yes: small networks take larger rates in short runs.",
      [["adamw", usual(0.001)], ["adamw", SEVEN]],
      LOWER,
    ),
    asking(
      "With the best of seven rates each, is schedule-free SGD as good as SGD with cosine?",
      "As good: within 2 points.",
      [["schedule-free sgd", SEVEN], ["sgd", SEVEN]],
      within(2),
    ),
    asking(
      "Schedule-free AdamW as AdamW with cosine?",
      "As good: within 2 points.",
      [["schedule-free adamw", SEVEN], ["adamw", SEVEN]],
      within(2),
    ),
    asking(
      "Prodigy as AdamW, of which it is made?",
      "As good: within 2 points.",
      [["prodigy", SEVEN], ["adamw", SEVEN]],
      within(2),
    ),
    asking(
      "Is Muon better than AdamW?",
      "Yes: as in its authors' speed runs.",
      [["muon", SEVEN], ["adamw", SEVEN]],
      HIGHER,
    ),
    asking(
      "With one rate each, drawn from its range, is schedule-free SGD better than SGD?",
      "Yes: it takes large rates well.",
      [["schedule-free sgd", ONE], ["sgd", ONE]],
      HIGHER,
    ),
    asking(
      "Is Prodigy at 1 better than AdamW with one rate, drawn from its range?",
      "Yes: that is what an estimate of the rate is for.",
      [["prodigy", usual(1)], ["adamw", ONE]],
      HIGHER,
    ),
    asking(
      "What is tuning worth to SGD: is the best of seven rates better than one?",
      "Yes, better: some of the seven are far too small.",
      [["sgd", SEVEN], ["sgd", ONE]],
      HIGHER,
    ),
    asking(
      "Are three rates as good as seven?",
      "Nearly: within 1 point.",
      [["sgd", { rates: 3 }], ["sgd", SEVEN]],
      within(1),
    ),
    sensitiveToRate({
      question: "Does a rate half or twice the best cost schedule-free SGD less than SGD?",
      hypothesis: "No difference: within 1 point; one factor of two costs little with either.",
    }, { arm: "schedule-free sgd", against: "sgd", expect: within(1) }),
    sensitiveToRate({
      question: "And Prodigy less than AdamW?",
      hypothesis: "No difference: within 1 point; what multiplies the estimate multiplies the rate.",
    }, { arm: "prodigy", against: "adamw", expect: within(1) }),
  ],
};
