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
      question: "Does quadratic decay end at another test accuracy than linear decay?",
      hypothesis: "No: within 2 points of each other, once each has a rate tuned for it.",
    }, {
      arm: "quadratic",
      against: "linear",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    comparing({
      question: "Is quadratic decay faster to the target?",
      hypothesis: "Yes: its rate is low earlier, where accuracy is gained at once.",
    }, { arm: "quadratic", against: "linear", metric: "steps_to_target", expect: { kind: "lower" } }),
    comparing({
      question: "Is linear decay better than step decay?",
      hypothesis: "Yes: the step arm spends two thirds of the run at a rate too small to travel.",
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
      question: "Challenge: the square root against the linear decay, at one and the same initial rate.",
      hypothesis: "It ends lower: less of the run is left to settle in.",
    }, { cells: { power: 0.5 }, against: { power: 1 }, expect: { kind: "lower" } }),
    contrasting({
      question: "Challenge: a power of 4 against the linear decay, at one and the same initial rate.",
      hypothesis: "It ends lower: the rate is small before the weights have travelled.",
    }, { cells: { power: 4 }, against: { power: 1 }, expect: { kind: "lower" } }),
  ],
};
