import spec from "./spec.yaml" with { type: "text" };
import type { Exercise } from "#study/exercise.ts";
import { comparing } from "#study/questions.ts";
import { contrasting } from "#study/sweep_questions.ts";

/** The milestones of the sweep: those of the arms, all in the first half, all in the last third. */
const OWN = ["33.333%", "66.667%", "88.889%"];
const EARLY = ["16.667%", "33.333%", "50%"];
const LATE = ["66.667%", "83.333%", "94.444%"];

/** Exercise 1: step decay. Everything below was written before the runs. */
export const exercise: Exercise = {
  number: 1,
  title: "Step decay against a tuned constant rate",
  introduction:
    "A constant rate has to serve two ends: large enough to learn fast, small enough to settle. Step decay keeps " +
    "the tuned rate for the first third of the run, then cuts it three times. Every arm starts from the same " +
    "weights and sees the same batches; rates were tuned on validation data with the same budget for each.",
  spec,
  questions: [
    comparing({
      question:
        "Does cutting the rate to a tenth at each drop end at a better test accuracy than the constant rate?",
      hypothesis:
        "Yes: the smaller rate lets the weights settle below the noise that the constant rate sustains.",
    }, { arm: "step ×0.1", against: "constant", metric: "test_accuracy", expect: { kind: "higher" } }),
    comparing({
      question: "And cutting it to a fifth?",
      hypothesis: "Yes, for the same reason; three drops still take the rate down 125 times.",
    }, { arm: "step ×0.2", against: "constant", metric: "test_accuracy", expect: { kind: "higher" } }),
    comparing({
      question: "Does step decay converge faster: fewer steps to 95 % of the constant rate's final accuracy?",
      hypothesis: "Yes: both are the same until the first drop, and the drop brings the gain at once.",
    }, { arm: "step ×0.1", against: "constant", metric: "steps_to_target", expect: { kind: "lower" } }),
    comparing({
      question: "Does it fit the training data better at the end?",
      hypothesis: "Yes: the loss over the last tenth of the steps is lower.",
    }, { arm: "step ×0.1", against: "constant", metric: "training_loss", expect: { kind: "lower" } }),
    comparing({
      question:
        "Is it fair that both share the constant arm's rate, or does step decay gain from a rate of its own?",
      hypothesis: "Yes: a schedule that will drop can afford a larger first rate.",
    }, {
      arm: "step ×0.1, own rate",
      against: "step ×0.1",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    contrasting({
      question:
        "Challenge: how much does the factor matter? Halving at each drop against cutting to a tenth.",
      hypothesis: "Little: within 2 points of each other, averaged over the milestones.",
    }, { cells: { gamma: 0.5 }, against: { gamma: 0.1 }, expect: { kind: "within", margin: 0.02 } }),
    contrasting({
      question: "Challenge: how much do the milestones matter? Early drops against those of the exercise.",
      hypothesis: "They do: dropping before the weights have travelled far costs accuracy.",
    }, { cells: { milestones: EARLY }, against: { milestones: OWN }, expect: { kind: "lower" } }),
    contrasting({
      question: "And late drops against those of the exercise?",
      hypothesis: "Little: within 2 points, since it is the last drops that let the weights settle.",
    }, {
      cells: { milestones: LATE },
      against: { milestones: OWN },
      expect: { kind: "within", margin: 0.02 },
    }),
  ],
};
