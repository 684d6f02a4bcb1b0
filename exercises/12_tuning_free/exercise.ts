import spec from "./spec.yaml" with { type: "text" };
import { type Budget, sensitiveToRate, tunedWith } from "#study/budget_questions.ts";
import type { Exercise } from "#study/exercise.ts";
import { comparing } from "#study/questions.ts";
import type { Expectation } from "#stats/verdict.ts";

const [LOWER, HIGHER] = [{ kind: "lower" }, { kind: "higher" }] as const;
const within = (points: number) => ({ kind: "within", margin: points / 100 } as const);
const ONE: Budget = { rates: 1 };
type Arms = readonly [arm: string, against: string];

/** Test accuracy of one arm against another's: of a tuned one at the best of its seven rates. */
function asking(question: string, hypothesis: string, [arm, against]: Arms, expect: Expectation) {
  return comparing({ question, hypothesis }, { arm, against, metric: "test_accuracy", expect });
}

/**
 * Exercise 12: tuning budgets. Everything below was written before the runs that are reported, and after two experiments
 * with other seeds, 1 to 14 and 201 to 236. The first hypotheses were "as good, within 2 points" for Prodigy and both
 * schedule-free optimizers; where those runs spoke against it, what they said is the hypothesis here. Margins are what so
 * many seeds can tell.
 */
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
      "No, lower: 300 steps are few for its estimate of the rate to settle.",
      ["prodigy at 1", "sgd"],
      LOWER,
    ),
    asking(
      "Does tuning Prodigy's rate gain anything?",
      "Little: within 5 points; it estimates the rate itself.",
      ["prodigy", "prodigy at 1"],
      within(5),
    ),
    asking(
      "Is schedule-free SGD at its package's rate of 1 as good as SGD with cosine and the best of seven rates?",
      "As good: within 2 points.",
      ["schedule-free sgd at 1", "sgd"],
      within(2),
    ),
    asking(
      "Is schedule-free AdamW at its package's rate of 0.0025 as good as AdamW with the best of seven?",
      "No, lower: in a run this short that rate is too small.",
      ["schedule-free adamw at 0.0025", "adamw"],
      LOWER,
    ),
    asking(
      "Does SGD at the usual 0.1 lose anything to the best of seven rates?",
      "No: within 1 point.",
      ["sgd at 0.1", "sgd"],
      within(1),
    ),
    asking(
      "Does AdamW at the usual 0.001 lose anything to the best of seven?",
      "Yes: small networks take larger rates in short runs.",
      ["adamw at 0.001", "adamw"],
      LOWER,
    ),
    asking(
      "With the best of seven rates each, is schedule-free SGD better than SGD with cosine?",
      "Yes: its authors have it ahead of schedules on most of their tasks.",
      ["schedule-free sgd", "sgd"],
      HIGHER,
    ),
    asking(
      "Is schedule-free AdamW better than AdamW with cosine?",
      "Yes, as schedule-free SGD is.",
      ["schedule-free adamw", "adamw"],
      HIGHER,
    ),
    asking(
      "Is Prodigy as good as AdamW, of which it is made?",
      "No, lower, for the same reason.",
      ["prodigy", "adamw"],
      LOWER,
    ),
    asking(
      "Is Muon better than AdamW?",
      "Yes: as in its authors' speed runs.",
      ["muon", "adamw"],
      HIGHER,
    ),
    tunedWith({
      question: "With one rate each, drawn from its range, is schedule-free SGD better than SGD?",
      hypothesis: "Yes: it takes large rates well.",
    }, { arm: "schedule-free sgd", budget: ONE, against: "sgd", againstBudget: ONE, expect: HIGHER }),
    tunedWith({
      question: "Is Prodigy at 1 better than AdamW with one rate, drawn from its range?",
      hypothesis: "Yes: that is what an estimate of the rate is for.",
    }, { arm: "prodigy", budget: { rate: 1 }, against: "adamw", againstBudget: ONE, expect: HIGHER }),
    tunedWith({
      question: "What is tuning worth to SGD: is the best of seven rates better than one?",
      hypothesis: "Yes, better: some of the seven are far too small.",
    }, { arm: "sgd", budget: { rates: 7 }, against: "sgd", againstBudget: ONE, expect: HIGHER }),
    tunedWith({
      question: "Are three rates as good as seven, for SGD?",
      hypothesis: "Nearly: within 2 points.",
    }, {
      arm: "sgd",
      budget: { rates: 3 },
      against: "sgd",
      againstBudget: { rates: 7 },
      expect: within(2),
    }),
    sensitiveToRate({
      question: "Does a rate half or twice the best cost schedule-free SGD less than SGD?",
      hypothesis: "No difference: within 3 points; one factor of two costs little with either.",
    }, { arm: "schedule-free sgd", against: "sgd", expect: within(3) }),
    sensitiveToRate({
      question: "Does it cost Muon less than AdamW?",
      hypothesis: "No difference: within 3 points.",
    }, { arm: "muon", against: "adamw", expect: within(3) }),
  ],
};
