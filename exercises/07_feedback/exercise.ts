import spec from "./spec.yaml" with { type: "text" };
import { rateJumps } from "#study/experiment/dynamics.ts";
import type { Exercise } from "#study/exercise.ts";
import { comparing, measuring } from "#study/questions.ts";
import { contrasting } from "#study/sweep_questions.ts";
import type { RunRecord } from "#results/run.ts";

const drops = (record: RunRecord) => rateJumps(record).filter(({ before, after }) => after < before);
const restarts = ({ events }: RunRecord) => events.filter(({ kind }) => kind === "restart").length;

/**
 * Exercise 7: schedules that watch the run. The questions were written before the runs. After them "fewer restarts" was
 * made to mean by half a restart, for counts can be equal, and a run that never drops counts as one that drops at its end.
 */
export const exercise: Exercise = {
  number: 7,
  title: "Plateau and adaptive restarts against fixed schedules",
  introduction:
    "A schedule that watches the validation loss needs no plan: it lowers the rate when nothing improves any more, or " +
    "makes a cycle longer. It pays for waiting with steps at a rate that no longer helps. Every arm has the " +
    "same number of steps, and its rate was tuned on validation data with the same budget.",
  spec,
  questions: [
    comparing({
      question: "Is plateau better than the constant rate?",
      hypothesis: "Yes: it ends with a smaller rate.",
    }, { arm: "plateau", against: "constant", metric: "test_accuracy", expect: { kind: "higher" } }),
    comparing({
      question: "Does waiting for evaluations beat the best fixed plan, one cosine?",
      hypothesis:
        "No, lower: in a run this short the noise of 300 validation images makes it drop too early or too late.",
    }, { arm: "plateau", against: "cosine", metric: "test_accuracy", expect: { kind: "lower" } }),
    comparing({
      question: "Does it beat drops at fixed places?",
      hypothesis: "Yes: a third of the run is too early to drop, and plateau notices.",
    }, { arm: "plateau", against: "step ×0.1", metric: "test_accuracy", expect: { kind: "higher" } }),
    comparing({
      question: "Does it matter whether loss or accuracy is watched?",
      hypothesis: "Yes: accuracy moves in steps of a third of a point, so it drops earlier and ends lower.",
    }, {
      arm: "plateau on accuracy",
      against: "plateau",
      metric: "test_accuracy",
      expect: { kind: "lower" },
    }),
    measuring({
      question: "How often does plateau drop?",
      hypothesis: "More than once: 16 evaluations leave room for several pairs of bad ones.",
    }, {
      what: "drops of the rate",
      unit: "drops",
      of: (record) => drops(record).length,
      counted: true,
      range: [0, Infinity],
      arm: "plateau",
      expect: { kind: "higher", by: 1 },
    }),
    measuring({
      question: "When does it drop first?",
      hypothesis: "Not in the first third, where step decay does.",
    }, {
      what: "place of the first drop (100 where there is none)",
      unit: "% of the run",
      of: (record) => {
        const [first] = drops(record);
        return first ? 100 * first.step / record.plan.total_steps : 100;
      },
      arm: "plateau",
      range: [0, 100],
      expect: { kind: "higher", by: 100 / 3 },
    }),
    measuring({
      question:
        "With the default values of a library (patience 10), does plateau drop at all in 16 evaluations?",
      hypothesis: "No: the loss improves often enough that eleven bad evaluations never come in a row.",
    }, {
      what: "drops of the rate",
      unit: "drops",
      of: (record) => drops(record).length,
      counted: true,
      range: [0, Infinity],
      arm: "plateau, usual values",
      expect: { kind: "within", margin: 0.5 },
    }),
    comparing({
      question: "Are adaptive restarts better than restarts at fixed places?",
      hypothesis: "No, lower: a cycle that is made longer is cut off by the end of the run.",
    }, {
      arm: "adaptive restarts",
      against: "warm restarts",
      metric: "test_accuracy",
      expect: { kind: "lower" },
    }),
    measuring({
      question: "Does adapting leave fewer restarts?",
      hypothesis: "Yes: early restarts throw the loss up, and two bad evaluations make the cycle longer.",
    }, {
      what: "restarts",
      unit: "restarts",
      of: restarts,
      counted: true,
      arm: "adaptive restarts",
      against: "warm restarts",
      expect: { kind: "lower", by: 0.5 },
    }),
    comparing({
      question: "Are adaptive restarts better than one cosine?",
      hypothesis: "No: lower.",
    }, { arm: "adaptive restarts", against: "cosine", metric: "test_accuracy", expect: { kind: "lower" } }),
    contrasting({
      question: "Sensitivity: does patience matter to plateau?",
      hypothesis:
        "Yes: with none at all it drops at the first bad evaluation, and ends lower than with three.",
    }, { cells: { patience: 0 }, against: { patience: 3 }, expect: { kind: "lower" } }),
    contrasting({
      question: "Sensitivity: does the factor matter?",
      hypothesis: "Yes: drops to a tenth end lower than drops to 0.3, which leave more room to learn.",
    }, { cells: { factor: 0.1 }, against: { factor: 0.3 }, expect: { kind: "lower" } }),
  ],
};
