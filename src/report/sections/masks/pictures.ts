import type { MaskImages, PredictedMask } from "#results/mask_examples.ts";
import type { Picture } from "../../model.ts";
import { fixed } from "#lib/numbers.ts";
import { classColors, errorMap, ERRORS } from "./colors.ts";

type Size = Pick<MaskImages, "width" | "height">;
type Image = MaskImages["images"][number];

/** `Dice 83.1 %`; of no object, there or predicted, in words. */
function diceText({ dice }: PredictedMask): string {
  return dice === null ? "no object" : `Dice ${fixed(100 * dice, 1)} %`;
}

export function imagePicture({ width, height, channels }: MaskImages, { number, pixels }: Image): Picture {
  return { width, height, pixels, colors: channels, alt: `Validation image ${number}`, note: "" };
}

export function truthPicture(of: MaskImages, { number, truth }: Image): Picture {
  return {
    ...maskPicture(of, truth),
    alt: `True mask of validation image ${number}: ${namesIn(truth, of)}`,
    note: "",
  };
}

/** @param when of the prediction, for who doesn't see it: `after epoch 3`. */
export function predictionPicture(
  of: MaskImages,
  { number }: Image,
  predicted: PredictedMask,
  when: string,
): Picture {
  const dice = diceText(predicted);
  return {
    ...maskPicture(of, predicted.mask),
    alt: `Mask predicted ${when} for validation image ${number}: ${namesIn(predicted.mask, of)}; ${dice}`,
    note: dice,
  };
}

export function errorPicture(
  { width, height }: Size,
  { number, truth }: Image,
  { mask }: PredictedMask,
): Picture {
  const pixels = errorMap(truth, mask);
  const wrong = pixels.filter((kind) => kind > 1).length / pixels.length;
  const share = `${fixed(100 * wrong, 1)} % wrong`;
  return {
    width,
    height,
    pixels,
    colors: ERRORS.map(({ color }) => color),
    alt: `Map of errors in validation image ${number}: ${share}`,
    note: share,
  };
}

function maskPicture({ width, height, classes }: MaskImages, pixels: Uint8Array) {
  return { width, height, pixels, colors: classColors(classes.length) };
}

/** Objects in a mask, with their shares of the pixels: `circle 12 %, ring 5 %`. */
function namesIn(mask: Uint8Array, { classes }: MaskImages): string {
  const counts = classes.map((_, label) => mask.filter((one) => one === label).length);
  const found = classes.flatMap((name, label) =>
    label === 0 || counts[label] === 0 ? [] : `${name} ${fixed(100 * counts[label]! / mask.length, 0)} %`
  );
  return found.length === 0 ? "background alone" : found.join(", ");
}
