import spec from "./spec.yaml" with { type: "text" };
import type { Exercise } from "#study/exercise.ts";
import { comparing } from "#study/questions.ts";

/**
 * Exercise 6: one-cycle and cyclic rates. The questions were written before the runs. Tuning got its three seeds after
 * a first run: with one seed, and with two, it chose a rate for cosine at which a seed of the comparison failed.
 */
export const exercise: Exercise = {
  number: 6,
  title: "One-cycle and cyclic rates with inverse momentum",
  introduction:
    "Super-convergence (Smith and Topin, 2017) is the claim that one cycle, up to a rate too large for any other " +
    "schedule, trains as well in a fraction of the steps. Here one cycle gets a fifth, a third or half of the " +
    "steps of a tuned cosine. A range test (its command is in the spec) came first: it suggests 0.0371, and every " +
    "arm's highest rate was tuned around that on validation data with the same budget.",
  spec,
  questions: [
    comparing({
      question: "Super-convergence: is one cycle in a third of the steps as good as the whole cosine?",
      hypothesis:
        "No: so short a run lacks steps above all, and no schedule makes up for two thirds of them.",
    }, { arm: "one cycle, third", against: "cosine", metric: "test_accuracy", expect: { kind: "lower" } }),
    comparing({
      question: "And in half of them?",
      hypothesis: "Nearly: within 5 points, because the second half of the cosine gains less than the first.",
    }, {
      arm: "one cycle, half",
      against: "cosine",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.05 },
    }),
    comparing({
      question: "Is it better in a fifth of the steps than the cosine in a third?",
      hypothesis: "No: lower.",
    }, {
      arm: "one cycle, fifth",
      against: "cosine, third",
      metric: "test_accuracy",
      expect: { kind: "lower" },
    }),
    comparing({
      question: "At the same third of the steps, is one cycle better than cosine?",
      hypothesis: "No, lower: the rise costs a third of a run that is too short already.",
    }, {
      arm: "one cycle, third",
      against: "cosine, third",
      metric: "test_accuracy",
      expect: { kind: "lower" },
    }),
    comparing({
      question: "And better than step decay?",
      hypothesis: "Yes: step decay drops to a hundredth while there is still much to learn.",
    }, {
      arm: "one cycle, third",
      against: "step, third",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "With all the steps, is one cycle better than cosine?",
      hypothesis: "About the same: within 2 points.",
    }, {
      arm: "one cycle",
      against: "cosine",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    comparing({
      question: "Does one cycle in half of the steps reach the target sooner than the cosine?",
      hypothesis: "Yes: it has reached its small rates when the cosine is half way.",
    }, { arm: "one cycle, half", against: "cosine", metric: "steps_to_target", expect: { kind: "lower" } }),
    comparing({
      question: "Does inverse momentum matter to one cycle, each with a rate of its own?",
      hypothesis: "No: within 2 points, because a lower momentum at the peak acts as a lower rate there.",
    }, {
      arm: "one cycle, third",
      against: "third, fixed momentum",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    comparing({
      question: "Does it let triangles use a rate that is too large for constant momentum?",
      hypothesis: "Yes: at the same rates, momentum 0.9 at the peak ends lower.",
    }, {
      arm: "triangular2, fixed momentum",
      against: "triangular2",
      metric: "test_accuracy",
      expect: { kind: "lower" },
    }),
    comparing({
      question: "Are triangles that shrink better than triangles of one height?",
      hypothesis: "Yes: triangles that halve each time end with less noise.",
    }, { arm: "triangular2", against: "triangular", metric: "test_accuracy", expect: { kind: "higher" } }),
    comparing({
      question: "Are cyclic rates better than one long cosine?",
      hypothesis: "No, lower: their rate never goes to zero.",
    }, { arm: "triangular2", against: "cosine", metric: "test_accuracy", expect: { kind: "lower" } }),
  ],
};
