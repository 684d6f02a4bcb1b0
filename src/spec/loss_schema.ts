import { z } from "zod";
import { duration, schedule, unique } from "./settings_schema.ts";

const crossEntropy = z.strictObject({
  name: z.literal("cross_entropy"),
  label_smoothing: z.number().min(0).lt(1).default(0).meta({
    description: "share of each label that is spread over all classes",
  }),
});
const focal = z.strictObject({
  name: z.literal("focal"),
  gamma: z.number().gt(0, "expected above 0; at 0 focal loss is cross_entropy").max(10).default(2).meta({
    description: "exponent γ of (1 − p)^γ, the weight of an image whose class has the probability p",
  }),
});
const dice = z.strictObject({
  name: z.literal("dice"),
  smoothing: z.number().gt(0).max(1e6).default(1).meta({
    description:
      "pixels added to the overlap and to the sizes of each class: a class that is not there costs little",
  }),
  include_background: z.boolean().default(false).meta({
    description: "true: the background counts as a class like the others",
  }),
});
const hausdorff = z.strictObject({
  name: z.literal("hausdorff"),
  alpha: z.number().gt(0).max(10).default(2).meta({
    description: "exponent α of the distances from the boundaries of mask and prediction, in pixels",
  }),
});

const weight = {
  weight: z.union([z.number().min(0).max(1e6), schedule]).default(1).meta({
    description: "factor of this component: a number, or a schedule whose rate is the factor at each step",
  }),
};
const weighted = z.discriminatedUnion("name", [
  crossEntropy.extend(weight),
  focal.extend(weight),
  dice.extend(weight),
  hausdorff.extend(weight),
]);
const component = z.discriminatedUnion("name", [crossEntropy, focal, dice, hausdorff]);

const DICE = { name: "dice", smoothing: 1, include_background: false } as const;
const FOCAL = { name: "focal", gamma: 2 } as const;
const HAUSDORFF = { name: "hausdorff", alpha: 2 } as const;
const CROSS_ENTROPY = { name: "cross_entropy", label_smoothing: 0 } as const;

type Component = z.output<typeof component>;

/** The components of an adaptive loss, from `least` to `most` of them. */
const components = (least: number, most: number, usual: readonly Component[]) =>
  z.array(component).min(least).max(most).refine(
    (all) => unique(all.map(({ name }) => name)),
    "names a loss twice",
  ).default([...usual]).meta({ description: "losses in the order in which they come in" });

const staged = {
  transition: z.enum(["ramp", "switch"]).default("ramp").meta({
    description: "whether weights move linearly over a stage, or are there at its first step",
  }),
  order: z.enum(["in_time", "shuffled"]).default("in_time").meta({
    description:
      "shuffled: the same weights, each step's at another step, drawn by the run's seed; a control of the order in time",
  }),
};
const start = duration.default("10%").meta({
  description: "from the run's start until which the first component trains alone",
});

const structureBoundary = z.strictObject({
  name: z.literal("adaptive_structure_boundary"),
  schedule_start_epoch: start,
  boundary_epochs: duration.default("60%").meta({
    description: "from the run's start from which on the second component trains alone",
  }),
  components: components(2, 2, [DICE, FOCAL]),
  ...staged,
});
const progressiveHybrid = z.strictObject({
  name: z.literal("adaptive_progressive_hybrid"),
  schedule_start_epoch: start,
  structure_epochs: duration.default("40%").meta({
    description: "from the run's start until which the first component dominates, with 0.8 of the weight",
  }),
  boundary_epochs: duration.default("70%").meta({
    description:
      "from the run's start until which the first two have equal weights; then the third one comes in, with 0.2",
  }),
  components: components(3, 3, [DICE, FOCAL, HAUSDORFF]),
  ...staged,
});
const complexityCascade = z.strictObject({
  name: z.literal("adaptive_complexity_cascade"),
  stage_epochs: duration.default("25%").meta({
    description: "between the beginnings of two components; those that are in have equal weights",
  }),
  components: components(2, 4, [CROSS_ENTROPY, DICE, FOCAL, HAUSDORFF]),
  ...staged,
});
const dynamicHybrid = z.strictObject({
  name: z.literal("adaptive_dynamic_hybrid"),
  patience: z.int().min(1).max(1000).default(2).meta({
    description: "evaluations in a row without improvement of validation Dice before weight moves",
  }),
  threshold: z.number().min(0).lt(1).default(0.005).meta({
    description: "smallest rise of validation Dice that counts as an improvement",
  }),
  shift: z.number().gt(0).max(1).default(0.1).meta({
    description: "weight that goes from the first component to the one that has least",
  }),
  least: z.number().min(0).lt(1).default(0.2).meta({ description: "weight that the first component keeps" }),
  components: components(2, 4, [DICE, FOCAL, HAUSDORFF]),
});

export const loss = z.discriminatedUnion("name", [
  crossEntropy,
  focal,
  dice,
  hausdorff,
  z.strictObject({
    name: z.literal("sum"),
    components: z.array(weighted).min(1).refine(
      (all) => unique(all.map(({ name }) => name)),
      "names a loss twice",
    ).meta({ description: "losses with their weights" }),
  }),
  structureBoundary,
  progressiveHybrid,
  complexityCascade,
  dynamicHybrid,
]).meta({
  description:
    "the training loss; evaluations always report plain cross-entropy. Images with masks can have any, others " +
    "cross_entropy and focal",
});

/** Keys that any loss may have: for messages about one that is not known. */
export const LOSS_KEYS = [...new Set(loss.options.flatMap(({ shape }) => Object.keys(shape)))];
