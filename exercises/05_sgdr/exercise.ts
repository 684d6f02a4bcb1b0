import spec from "./spec.yaml" with { type: "text" };
import type { Exercise } from "#study/exercise.ts";
import { atRestart } from "#study/jump_questions.ts";
import { comparing } from "#study/questions.ts";

/** Exercise 5: warm restarts, snapshots and averages. Everything below was written before the runs. */
export const exercise: Exercise = {
  number: 5,
  title: "Warm restarts, snapshot ensembles and averages of weights",
  introduction:
    "Warm restarts are said to escape poor minima, to give several models for the price of one, and to end in " +
    "flatter minima. Every arm below spends the same number of steps in all, so a snapshot ensemble is judged " +
    "against one model that was annealed once, and against as many independent models with a share of the steps each.",
  spec,
  questions: [
    comparing({
      question: "Do restarts with cycles of one length end better than one long cosine?",
      hypothesis: "No: the last cycle is a quarter of the run.",
    }, { arm: "T_mult 1", against: "cosine", metric: "test_accuracy", expect: { kind: "lower" } }),
    comparing({
      question: "Are cycles that double as good as one long cosine?",
      hypothesis: "About as good: within 2 points, since the last cycle is more than half of the run.",
    }, {
      arm: "T_mult 2",
      against: "cosine",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    comparing({
      question: "Are growing cycles (1.5) better than equal ones?",
      hypothesis: "Yes: their last one is longer.",
    }, { arm: "T_mult 1.5", against: "T_mult 1", metric: "test_accuracy", expect: { kind: "higher" } }),
    comparing({
      question: "Do restarts converge faster than one long cosine?",
      hypothesis: "Yes: the first cycle ends early with a small rate.",
    }, { arm: "T_mult 1", against: "cosine", metric: "steps_to_target", expect: { kind: "lower" } }),
    atRestart({
      question: "Does a restart throw the loss up?",
      hypothesis: "Yes: the loss jumps when the rate does, and comes back within the cycle.",
    }, { arm: "T_mult 1", expect: { kind: "higher" } }),
    comparing({
      question: "Does a lower rate at each restart disturb less and end better?",
      hypothesis: "Yes: later cycles start closer to where they end.",
    }, { arm: "lower restarts", against: "T_mult 1", metric: "test_accuracy", expect: { kind: "higher" } }),
    comparing({
      question: "Is the snapshot ensemble better than its last snapshot?",
      hypothesis: "Yes: the snapshots differ, and their mean is better than the last.",
    }, {
      arm: "T_mult 1",
      against: "T_mult 1",
      metric: "test_accuracy:ensemble",
      againstMetric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "Is the snapshot ensemble better than one model of one long cosine?",
      hypothesis: "Yes, as the method promises: several models for the price of one.",
    }, {
      arm: "T_mult 1",
      against: "cosine",
      metric: "test_accuracy:ensemble",
      againstMetric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "Is it better than as many independent models that share the steps?",
      hypothesis:
        "Yes: each snapshot continues from the last, while an independent model starts from scratch.",
    }, {
      arm: "T_mult 1",
      against: "four models",
      metric: "test_accuracy:ensemble",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "Does the average of the second half of the last cycle beat its last weights?",
      hypothesis: "Yes: it lies nearer to the middle of the basin.",
    }, {
      arm: "T_mult 1",
      against: "T_mult 1",
      metric: "test_accuracy:cycle/3",
      againstMetric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "Is the ensemble of these averages better than that of the snapshots?",
      hypothesis: "About the same: within 1 point.",
    }, {
      arm: "T_mult 1",
      against: "T_mult 1",
      metric: "test_accuracy:cycles",
      againstMetric: "test_accuracy:ensemble",
      expect: { kind: "within", margin: 0.01 },
    }),
    comparing({
      question: "Does it matter whether the momentum is set to zero at a restart?",
      hypothesis: "No: within 1 point, because momentum forgets within a few dozen steps.",
    }, {
      arm: "momentum reset",
      against: "T_mult 1",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.01 },
    }),
    comparing({
      question: "Does clipping matter under restarts?",
      hypothesis: "Yes: without it the large rates do harm, so the arm ends lower.",
    }, { arm: "without clipping", against: "T_mult 1", metric: "test_accuracy", expect: { kind: "lower" } }),
  ],
};
