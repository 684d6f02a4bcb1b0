import spec from "./spec.yaml" with { type: "text" };
import type { Exercise } from "#study/exercise.ts";
import { comparing } from "#study/questions.ts";
import { contrasting } from "#study/sweep_questions.ts";
import { atStart, failing } from "#study/start_questions.ts";

/**
 * Exercise 4: warmup. The questions were written before the runs, but for two on accuracy at the large rate, which came
 * after runs on CIFAR-10: no seed fails there, so failures cannot separate the arms.
 */
export const exercise: Exercise = {
  number: 4,
  title: "Warmup, with Adam and a rate that is too large to start with",
  introduction:
    "A ramp up to the rate is said to save runs that a large rate would lose at the start. Which runs does it save, and " +
    "why: because Adam's second moment is a bad estimate at first, or because the first weights cannot take large " +
    "steps? Every other step of the first epoch is measured. One arm separates the explanations: for as long as the ramp " +
    "lasts it only measures Adam's moments, without moving the weights, and then starts at the full rate.",
  spec,
  questions: [
    failing({
      question: "Do fewer seeds fail with a linear ramp over a tenth of the run?",
      hypothesis: "Yes: without it most seeds fail at this rate, with it most do not.",
    }, { arm: "linear, 10 %", against: "large, no warmup", expect: { kind: "lower" } }),
    comparing({
      question: "Does the ramp end at a better test accuracy than the large rate without it?",
      hypothesis:
        "Yes: the first steps leave a mark on the weights that lasts until the end, even when no run fails.",
    }, {
      arm: "linear, 10 %",
      against: "large, no warmup",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "Does warmup make the large rate as good as the rate that was tuned without it?",
      hypothesis: "Yes: within 2 points.",
    }, {
      arm: "linear, 10 %",
      against: "tuned, no warmup",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    failing({
      question: "Is a ramp over a fiftieth of the run enough?",
      hypothesis: "Yes: seeds fail as rarely as with a tenth, within 20 points.",
    }, { arm: "linear, 2 %", against: "linear, 10 %", expect: { kind: "within", margin: 0.2 } }),
    comparing({
      question: "Does a ramp over a third of the run cost accuracy against one over a tenth?",
      hypothesis: "No: within 2 points.",
    }, {
      arm: "linear, 30 %",
      against: "linear, 10 %",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    comparing({
      question: "Is an exponential ramp as good as a linear one?",
      hypothesis: "Yes: within 2 points.",
    }, {
      arm: "exponential, 10 %",
      against: "linear, 10 %",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    comparing({
      question: "Is a cosine ramp as good as a linear one?",
      hypothesis: "Yes: within 2 points.",
    }, {
      arm: "cosine ramp, 10 %",
      against: "linear, 10 %",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    atStart({
      question: "Is Adam's first step the largest it can be, whatever the gradient?",
      hypothesis:
        "Yes: nearly every weight moves by the full rate. The share of such weights is within 10 points of that at the ramp's first step, since both divide the gradient by itself.",
    }, {
      arm: "large, no warmup",
      against: "linear, 10 %",
      quantity: "saturated",
      take: "first",
      expect: { kind: "within", margin: 0.1 },
    }),
    atStart({
      question: "Does the ramp keep steps small relative to the weights in the first epoch?",
      hypothesis: "Yes: the largest ratio of update to weights is lower.",
    }, {
      arm: "linear, 10 %",
      against: "large, no warmup",
      quantity: "updateToWeight",
      take: "largest",
      expect: { kind: "lower" },
    }),
    atStart({
      question: "Does it keep the gradient from exploding in the first epoch?",
      hypothesis: "Yes: the largest norm of the gradient is lower.",
    }, {
      arm: "linear, 10 %",
      against: "large, no warmup",
      quantity: "gradientNorm",
      take: "largest",
      expect: { kind: "lower" },
    }),
    failing({
      question: "Is the second moment to blame: does it help to measure the moments first, without moving?",
      hypothesis:
        "Yes, if the usual explanation holds: fewer seeds fail than at the full rate from the start.",
    }, { arm: "moments first, 10 %", against: "large, no warmup", expect: { kind: "lower" } }),
    comparing({
      question: "By accuracy: does measuring the moments first make the large rate better?",
      hypothesis: "Yes, if the second moment is to blame: higher than at the full rate from the start.",
    }, {
      arm: "moments first, 10 %",
      against: "large, no warmup",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    failing({
      question: "And is that the whole explanation: is measuring the moments first as good as a ramp?",
      hypothesis:
        "Yes, if the second moment alone is to blame: seeds fail as rarely as with the ramp, within 20 points.",
    }, { arm: "moments first, 10 %", against: "linear, 10 %", expect: { kind: "within", margin: 0.2 } }),
    comparing({
      question: "Challenge: does warmup with cosine end better than warmup with a constant rate?",
      hypothesis: "Yes: the noise of the large rate averages out towards the end.",
    }, {
      arm: "warmup and cosine",
      against: "linear, 10 %",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    failing({
      question: "Challenge: does cosine need the warmup?",
      hypothesis: "Yes: without it the rate is as large at the start, and as many seeds fail.",
    }, { arm: "warmup and cosine", against: "cosine, no warmup", expect: { kind: "lower" } }),
    contrasting({
      question: "Over the rates of the sweep, is a ramp of 30 % better than one of 2 %?",
      hypothesis: "Yes: at the largest rate the short one fails.",
    }, { cells: { duration: "30%" }, against: { duration: "2%" }, expect: { kind: "higher" } }),
  ],
};
