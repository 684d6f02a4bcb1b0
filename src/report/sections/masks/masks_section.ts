import type { MaskExamples } from "#results/mask_examples.ts";
import { epochsBefore } from "#spec/run_plan.ts";
import type { RunPlan } from "#results/run.ts";
import type { Block, Pictures, Section } from "../../model.ts";
import { compact, counted, fixed } from "#lib/numbers.ts";
import { classLegend, ERRORS } from "./colors.ts";
import { errorPicture, imagePicture, predictionPicture, truthPicture } from "./pictures.ts";

/** The example masks of an arm's run. */
export interface ArmMasks {
  readonly plan: RunPlan;
  readonly examples: MaskExamples;
}

/** Arms with pictures: a page carries them all. */
const MOST_ARMS = 12;

/** Pictures of masks: how predictions change over training, and the best and worst after it. None where there are none. */
export function masksSection(arms: readonly ArmMasks[]): Section[] {
  if (arms.length === 0) return [];
  const shown = arms.slice(0, MOST_ARMS);
  const left = arms.length - shown.length;
  const blocks: Block[] = [
    { kind: "text", text: READING + (left > 0 ? ` ${counted(left, "further arm")} left out.` : "") },
    ...shown.flatMap((arm, index) => stripBlock(arm, index)),
    ...shown.flatMap((arm, index) => extremesBlock(arm, index)),
  ];
  return [{ id: "masks", title: "Example masks", brief: true, blocks }];
}

const READING =
  "Masks of validation images, by one run of each arm. The strips show the first images with objects in them, the same for " +
  "every arm; the others were chosen by their Dice on validation data after the last step, so the best are better, and the " +
  "worst worse, than most.";

/** The strip of a run over its training. */
export function stripBlock({ plan, examples }: ArmMasks, index: number): Pictures[] {
  const { images, moments } = examples.strip;
  if (moments.length === 0) return [];
  const epochs = moments.map(({ step }) => epochText(plan, step));
  return [{
    kind: "pictures",
    id: `masks-strip-${index}`,
    title: `${plan.arm}, seed ${plan.seed}: predicted masks over training`,
    width: "full",
    caption: "",
    legends: [{ of: "masks", entries: classLegend(images.classes) }],
    columns: ["image", "truth", ...epochs.map((epoch) => `epoch ${epoch}`)],
    rows: images.images.map((image, item) => ({
      label: `image ${image.number}`,
      pictures: [
        imagePicture(images, image),
        truthPicture(images, image),
        ...moments.map(({ masks }, moment) =>
          predictionPicture(images, image, masks[item]!, `at epoch ${epochs[moment]}`)
        ),
      ],
    })),
    line: `${plan.arm}: ${counted(images.images.length, "image")} at ${
      counted(moments.length, "moment")
    } of training, on the page`,
  }];
}

/** The best and the worst images of a run after its last step. */
function extremesBlock({ plan, examples: { extremes } }: ArmMasks, index: number): Pictures[] {
  if (extremes === null) return [];
  const { images, masks } = extremes;
  const half = Math.ceil(masks.length / 2);
  return [{
    kind: "pictures",
    id: `masks-extremes-${index}`,
    title: `${plan.arm}, seed ${plan.seed}: best and worst images`,
    width: "half",
    caption: "After the last step, by mean Dice of the classes in each image.",
    legends: [{ of: "masks", entries: classLegend(images.classes) }, { of: "errors", entries: ERRORS }],
    columns: ["image", "truth", "prediction", "errors"],
    rows: images.images.map((image, item) => ({
      label: `${item < half ? "best" : "worst"}, image ${image.number}`,
      pictures: [
        imagePicture(images, image),
        truthPicture(images, image),
        predictionPicture(images, image, masks[item]!, "after the last step"),
        errorPicture(images, image, masks[item]!),
      ],
    })),
    line: `${plan.arm}: validation images from ${percent(masks[0]!.dice)} to ${
      percent(masks.at(-1)!.dice)
    } Dice, on the page`,
  }];
}

const percent = (dice: number | null) => `${fixed(dice === null ? null : 100 * dice, 1)} %`;

function epochText(plan: RunPlan, step: number): string {
  return compact(epochsBefore(plan) + (step - (plan.first_step ?? 0)) / plan.steps_per_epoch);
}
