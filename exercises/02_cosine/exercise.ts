import spec from "./spec.yaml" with { type: "text" };
import type { Exercise } from "#study/exercise.ts";
import { atJump, atRestart } from "#study/jump_questions.ts";
import { comparing } from "#study/questions.ts";

/** Exercise 2: cosine annealing. Everything below was written before the runs. */
export const exercise: Exercise = {
  number: 2,
  title: "Cosine annealing against constant and step",
  introduction:
    "Cosine annealing lowers the rate at every step, slowly at both ends. Does gliding down beat dropping, and " +
    "what does it cost to jump back up? Rates were tuned on validation data with the same budget for each arm; the " +
    "arms with a floor and with warm restarts take cosine's rate, so that nothing else differs.",
  spec,
  questions: [
    comparing({
      question: "Does cosine annealing end at a better test accuracy than the constant rate?",
      hypothesis: "Yes: it spends the end of the run at rates where the noise of the batches averages out.",
    }, { arm: "cosine", against: "constant", metric: "test_accuracy", expect: { kind: "higher" } }),
    comparing({
      question: "Is it better than step decay?",
      hypothesis: "About the same: within 2 points, since both end with a small rate.",
    }, {
      arm: "cosine",
      against: "step ×0.1",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.02 },
    }),
    comparing({
      question: "Does it converge faster than the constant rate?",
      hypothesis: "No: the rate stays high for the first third, so the target is not reached earlier.",
    }, { arm: "cosine", against: "constant", metric: "steps_to_target", expect: { kind: "higher" } }),
    comparing({
      question: "Does cosine gain from a rate tuned for it instead of the constant arm's?",
      hypothesis: "Yes: a schedule that glides to zero can start higher.",
    }, {
      arm: "cosine",
      against: "cosine, constant's rate",
      metric: "test_accuracy",
      expect: { kind: "higher" },
    }),
    comparing({
      question: "Does a floor of 1e-6 instead of 0 matter?",
      hypothesis: "No: within 1 point.",
    }, {
      arm: "cosine to 1e-6",
      against: "cosine",
      metric: "test_accuracy",
      expect: { kind: "within", margin: 0.01 },
    }),
    atJump({
      question: "Sharp against smooth: does the first drop of step decay lower the training loss at once?",
      hypothesis: "Yes: on the same batches it falls below the cosine arm's within a twentieth of the run.",
    }, { arm: "step ×0.1", against: "cosine", jump: 0, expect: { kind: "lower" } }),
    comparing({
      question: "Challenge: do warm restarts end better than one long cosine?",
      hypothesis: "No: with three short cycles each has less time to settle.",
    }, { arm: "warm restarts", against: "cosine", metric: "test_accuracy", expect: { kind: "lower" } }),
    atRestart({
      question: "Challenge: does a restart throw the loss back up?",
      hypothesis: "Yes: the loss jumps when the rate does, and comes back within the cycle.",
    }, { arm: "warm restarts", expect: { kind: "higher" } }),
  ],
};
