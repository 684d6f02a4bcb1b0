import spec from "./spec.yaml" with { type: "text" };
import type { Exercise } from "#study/exercise.ts";
import { comparing } from "#study/questions.ts";
import { contrasting } from "#study/sweep_questions.ts";

/** Exercise 3: linear and polynomial decay. Everything below was written before the runs. */
export const exercise: Exercise = {
  number: 3,
  title: "Linear and polynomial decay",
  introduction:
    "The power of a polynomial decay bends its curve: at 1/2 the rate stays high and falls at the end, at 1 it " +
    "falls evenly, at 2 it falls first and creeps to zero. Each arm's rate was tuned with the same budget.",
  spec,
  questions: [
    comparing({
      question: "Does quadratic decay end at a different test accuracy than linear decay?",
      hypothesis: "No: within 2 points of each other, once each has a rate tuned for it.",
    }, {
      arm: "quadratic",
      against: "linear",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    comparing({
      question: "Does quadratic decay reach the target faster?",
      hypothesis: "Yes: its rate is low earlier, and accuracy rises as soon as the rate is low.",
    }, { arm: "quadratic", against: "linear", metric: "steps_to_target", expect: { kind: "lower" } }),
    comparing({
      question: "Is linear decay better than step decay?",
      hypothesis: "Yes: the step arm spends two thirds of the run at a rate too small to make progress.",
    }, { arm: "step ×0.1", against: "linear", metric: "test_accuracy", expect: { kind: "lower" } }),
    comparing({
      question: "Is it as good as cosine annealing?",
      hypothesis: "Yes: within 2 points.",
    }, {
      arm: "cosine",
      against: "linear",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    contrasting({
      question:
        "Challenge: how does decay by the square root compare with linear decay, at the same initial rate?",
      hypothesis: "It ends lower: it leaves less of the run to settle in.",
    }, { cells: { power: 0.5 }, against: { power: 1 }, expect: { kind: "lower" } }),
    contrasting({
      question: "Challenge: and decay by a power of 4?",
      hypothesis: "It ends lower: the rate is small before the weights have travelled.",
    }, { cells: { power: 4 }, against: { power: 1 }, expect: { kind: "lower" } }),
  ],
};
