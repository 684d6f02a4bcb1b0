import spec from "./spec.yaml" with { type: "text" };
import type { Exercise } from "#study/exercise.ts";
import { onLine } from "#study/line_questions.ts";
import { comparing } from "#study/questions.ts";
import type { Expectation } from "#stats/verdict.ts";

const [LOWER, HIGHER] = [{ kind: "lower" }, { kind: "higher" }] as const;
const within = (points: number) => ({ kind: "within", margin: points / 100 } as const);
type Arms = readonly [arm: string, against: string];

/** Test accuracy of one arm, or of an average of its weights, against that of another's weights at the end. */
function asking(
  question: string,
  hypothesis: string,
  arms: Arms,
  expect: Expectation,
  average?: "ema" | "swa",
) {
  const [arm, against] = arms;
  const metric = average === undefined ? "test_accuracy" : `test_accuracy:${average}` as const;
  return comparing({ question, hypothesis }, {
    arm,
    against,
    metric,
    againstMetric: "test_accuracy",
    expect,
  });
}

/** Exercise 11: WSD. Everything below was written before the runs. */
export const exercise: Exercise = {
  number: 11,
  title: "Modern schedules: WSD, linear to zero, cooldowns, averages",
  introduction:
    "Warmup-stable-decay (WSD) keeps the rate constant and lets it fall in the last part alone, so one stable run " +
    "serves every length: a branch with a short cooldown can leave it anywhere. What does that cost against one " +
    "cosine, or one line to zero, of the same length, and how should the cooldown look? Rates were tuned on validation data with the " +
    "same budget for cosine, linear and WSD; every branch, and the constant rate whose weights are averaged, has WSD's.",
  spec,
  questions: [
    asking(
      "Is WSD as good as cosine at equal length?",
      "As good: within 2 points, as Hägele et al. found for language models.",
      ["wsd", "cosine"],
      within(2),
    ),
    asking(
      "Is WSD as good as linear decay to zero?",
      "No, a little lower: the convex bound of linear decay is the smallest of all, WSD's 8 % larger.",
      ["wsd", "linear"],
      LOWER,
    ),
    asking(
      "Does WSD gain from a rate tuned for it instead of cosine's?",
      "Yes: by the convex bound its best rate is half of cosine's, since it stays there for longer.",
      ["wsd", "wsd, cosine's rate"],
      HIGHER,
    ),
    asking(
      "Is a cooldown of the shape 1-sqrt better than a linear one?",
      "Yes, as Hägele et al. found, and as the convex bound has it.",
      ["cooldown 1-sqrt", "wsd"],
      HIGHER,
    ),
    asking(
      "Is a cosine cooldown as good as a linear one?",
      "As good: within 2 points.",
      ["cooldown cosine", "wsd"],
      within(2),
    ),
    asking(
      "Is a cooldown over a tenth of the run as good as one over a quarter?",
      "No, lower: it has too few steps at small rates.",
      ["cooldown over 10 %", "wsd"],
      LOWER,
    ),
    asking(
      "Does a cooldown over half of the run gain any more?",
      "No: within 2 points; a quarter of the run is enough.",
      ["cooldown over 50 %", "wsd"],
      within(2),
    ),
    asking(
      "Does linear decay to a tenth of the rate end lower than to zero?",
      "Yes, as Bergsma et al. found: the floor leaves noise.",
      ["linear to 10 %", "linear"],
      LOWER,
    ),
    asking("Does a cooldown to a tenth end lower than one to zero?", "Yes, lower.", [
      "cooldown to 10 %",
      "wsd",
    ], LOWER),
    asking(
      "Does averaging the weights take the place of the cooldown: is an EMA of the stable run as good as WSD?",
      "Not quite: lower, since the average smooths the noise of the last steps and does not go on downhill.",
      ["constant, averaged", "wsd"],
      LOWER,
      "ema",
    ),
    asking(
      "Is the mean of the last quarter's weights better than the last weights of the stable run?",
      "Yes: the weights hover around a better place.",
      ["constant, averaged", "constant, averaged"],
      HIGHER,
      "swa",
    ),
    asking(
      "Is a branch of the stable run, continued from its checkpoint, the same as a WSD run of its own?",
      "The same to the last bit, so within any margin.",
      ["branch 100 %", "wsd"],
      within(1),
    ),
    asking(
      "Is the branch at two thirds of the length as good as a cosine of its own of that length?",
      "As good: within 2 points.",
      ["branch 67 %", "cosine 67 %"],
      within(2),
    ),
    asking(
      "Is the branch at a third of the length as good as its cosine?",
      "No, lower: its cooldown has very few steps.",
      ["branch 33 %", "cosine 33 %"],
      LOWER,
    ),
    ...([["100 %", "63 %", "wsd"], ["67 %", "42 %", "branch 67 %"], ["33 %", "21 %", "branch 33 %"]] as const)
      .map(([length, share, arm], index) =>
        asking(
          `At equal compute for three lengths, is ${
            index === 0 ? "the longest branch" : `the branch of ${length}`
          } better than its cosine, which gets ${share} of a run?`,
          "Yes: three cosines pay for every step three times, branches pay for the stable phase once.",
          [arm, `cosine, equal compute, ${share}`],
          HIGHER,
        )
      ),
    comparing({
      question: "Is the training loss in the second half of the cooldown below that of the stable run?",
      hypothesis: "Yes: small steps stop the hovering over the valley's floor.",
    }, { arm: "wsd", against: "constant, averaged", metric: "training_loss", expect: LOWER }),
    onLine({
      question: "Is there a barrier on the straight line from where the cooldown starts to where it ends?",
      hypothesis:
        "No: the loss only falls along it; the cooldown goes down into the valley that the run is over.",
    }, { arm: "branch 100 %", figure: "rise", expect: LOWER }),
    onLine({
      question: "Does the loss sag between two checkpoints of the stable phase, below both?",
      hypothesis: "Yes: they hang on the slopes of a valley, and the line between them crosses it.",
    }, { arm: "stable 75 %", figure: "sag", expect: LOWER }),
  ],
};
