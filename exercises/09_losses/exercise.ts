import spec from "./spec.yaml" with { type: "text" };
import type { Exercise } from "#study/exercise.ts";
import { comparing } from "#study/questions.ts";

/** Two points of Dice: named before the runs. */
const TWO_POINTS = 0.02;

/** Exercise 9: losses that change while training. Everything below was written before the runs, after trials with other seeds. */
export const exercise: Exercise = {
  number: 9,
  title: "Losses that change while training",
  introduction:
    "A guide to escaping local minima schedules not only the rate but the loss: Dice for structure first, then " +
    "focal loss for boundaries, then a Hausdorff loss for details. Each component also trains alone here, and a sum " +
    "with the same mean weights stands beside the schedule, as do its very weights in shuffled order: what helps may " +
    "be the mixture and not the change. Images have masks; arms are compared by Dice, boundaries by boundary F1 and " +
    "the Hausdorff distance.",
  spec,
  questions: [
    comparing({
      question: "Adaptive or mixed: is the progressive hybrid better than its own weights in shuffled order?",
      hypothesis: "No: within 2 points.",
    }, {
      arm: "progressive",
      against: "progressive, shuffled",
      metric: "test_dice",
      expect: { kind: "within", margin: TWO_POINTS },
    }),
    comparing({
      question: "Is it better than the fixed sum of its mean weights?",
      hypothesis: "No: within 2 points.",
    }, {
      arm: "progressive",
      against: "fixed sum",
      metric: "test_dice",
      expect: { kind: "within", margin: TWO_POINTS },
    }),
    comparing({
      question: "Is the progressive hybrid (Dice, focal, Hausdorff) better than Dice alone?",
      hypothesis: "Yes, as every mixture is.",
    }, { arm: "progressive", against: "Dice", metric: "test_dice", expect: { kind: "higher" } }),
    comparing({
      question: "Does cross-entropy alone end at a lower Dice than the Dice loss alone?",
      hypothesis: "Yes: it counts pixels, most of which are ground, and Dice counts overlap.",
    }, { arm: "cross-entropy", against: "Dice", metric: "test_dice", expect: { kind: "lower" } }),
    comparing({
      question: "Does the focal loss alone end lower than the Dice loss alone?",
      hypothesis: "Yes, for the same reason.",
    }, { arm: "focal", against: "Dice", metric: "test_dice", expect: { kind: "lower" } }),
    comparing({
      question: "Is the focal loss better than cross-entropy, since easy ground counts less?",
      hypothesis: "No: within 2 points.",
    }, {
      arm: "focal",
      against: "cross-entropy",
      metric: "test_dice",
      expect: { kind: "within", margin: TWO_POINTS },
    }),
    comparing({
      question: "Can the Hausdorff loss train alone, as well as the Dice loss?",
      hypothesis: "No, lower: a class that an image lacks gives it no gradient.",
    }, { arm: "Hausdorff", against: "Dice", metric: "test_dice", expect: { kind: "lower" } }),
    comparing({
      question: "Does the Hausdorff loss alone at least lower the Hausdorff distance?",
      hypothesis: "No, it is higher: figures that are missed or invented cost the whole diagonal.",
    }, { arm: "Hausdorff", against: "Dice", metric: "test_hausdorff_95", expect: { kind: "higher" } }),
    comparing({
      question: "Is a fixed sum better than the Dice loss alone?",
      hypothesis: "Yes: focal loss gives every pixel a gradient, where Dice alone gives few.",
    }, { arm: "fixed sum", against: "Dice", metric: "test_dice", expect: { kind: "higher" } }),
    comparing({
      question: "Structure to boundary: is going from Dice to focal loss better than Dice alone?",
      hypothesis: "No, lower: it ends with a loss that does not measure overlap.",
    }, { arm: "structure to boundary", against: "Dice", metric: "test_dice", expect: { kind: "lower" } }),
    comparing({
      question: "Does going to focal loss refine boundaries, as the guide says?",
      hypothesis: "No: boundary F1 is lower too; focal loss weighs every pixel alike that is wrong.",
    }, {
      arm: "structure to boundary",
      against: "Dice",
      metric: "test_boundary_f1",
      expect: { kind: "lower" },
    }),
    comparing({
      question: "Does its last stage with the Hausdorff loss lower the Hausdorff distance?",
      hypothesis: "No: within a quarter of a pixel of Dice alone.",
    }, {
      arm: "progressive",
      against: "Dice",
      metric: "test_hausdorff_95",
      expect: { kind: "within", margin: 0.25 },
    }),
    comparing({
      question:
        "Is the complexity cascade (from cross-entropy to all four) better than the progressive hybrid?",
      hypothesis: "No: within 2 points.",
    }, {
      arm: "cascade",
      against: "progressive",
      metric: "test_dice",
      expect: { kind: "within", margin: TWO_POINTS },
    }),
    comparing({
      question: "Is moving weight by performance (dynamic hybrid) better than at planned times?",
      hypothesis: "No: within 2 points.",
    }, {
      arm: "dynamic",
      against: "progressive",
      metric: "test_dice",
      expect: { kind: "within", margin: TWO_POINTS },
    }),
    comparing({
      question: "Do aggressive restarts make the progressive hybrid better than one cosine?",
      hypothesis: "No, lower: the last descent is a tenth of the run.",
    }, {
      arm: "aggressive restarts",
      against: "progressive",
      metric: "test_dice",
      expect: { kind: "lower" },
    }),
    comparing({
      question: "Do warm restarts?",
      hypothesis: "No, lower: the last cycle is a fifth of the run.",
    }, {
      arm: "warm restarts",
      against: "progressive",
      metric: "test_dice",
      expect: { kind: "lower" },
    }),
  ],
};
