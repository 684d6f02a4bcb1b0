import { readSafetensors } from "#lib/safetensors.ts";
import type { Pictures } from "#report/model.ts";
import { stripBlock } from "#report/sections/masks/masks_section.ts";
import { MASK_FILES, maskImagesOf, predictedMasksOf } from "#results/mask_examples.ts";
import type { RunPlan } from "#results/run.ts";
import type { RunFile } from "../storage/store.ts";

/** The strip of masks of the run that kept some last, as far as it is. */
export interface LiveMasks {
  /** A file that a run left; true where it changes the strip. Nothing in it is read before the strip is drawn. */
  file(plan: RunPlan, file: RunFile): boolean;
  /** Nothing until a run has kept a prediction. */
  strip(): Pictures[];
}

const STEP = /^masks\/step-(\d+)\.safetensors$/;

/** The files of a run. */
interface Kept {
  readonly plan: RunPlan;
  readonly images: Uint8Array;
  readonly moments: { readonly step: number; readonly bytes: Uint8Array }[];
}

export function createLiveMasks(): LiveMasks {
  const runs = new Map<string, Kept>();
  let newest: Kept | null = null;
  return {
    file: (plan, { name, bytes }) => {
      if (bytes === null) return false;
      if (name === MASK_FILES.images) runs.set(plan.id, { plan, images: bytes, moments: [] });
      const [, step] = STEP.exec(name) ?? [];
      const run = runs.get(plan.id);
      // A run that was resumed has sent its images to an earlier process.
      if (step === undefined || !run) return false;
      run.moments.push({ step: Number(step), bytes });
      newest = run;
      return true;
    },
    strip: () => newest === null ? [] : stripOf(newest),
  };
}

function stripOf({ plan, images: bytes, moments }: Kept): Pictures[] {
  const images = maskImagesOf(readSafetensors(bytes));
  const read = moments.map(({ step, bytes }) => ({
    step,
    masks: predictedMasksOf(readSafetensors(bytes), images),
  }));
  return stripBlock({ plan, examples: { strip: { images, moments: read }, extremes: null } }, 0);
}
