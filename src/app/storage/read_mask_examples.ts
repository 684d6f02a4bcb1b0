import { readSafetensors } from "#lib/safetensors.ts";
import { MASK_FILES, type MaskExamples, maskImagesOf, predictedMasksOf } from "#results/mask_examples.ts";
import { hasMasks } from "#results/score.ts";
import { reachedEnd, type RunPlan, type RunRecord } from "#results/run.ts";
import { exampleSteps } from "#train/mask_examples/moments.ts";
import { Failure } from "../errors.ts";

/** A file that a run left, or `null`. */
export type FileOfRun = (plan: RunPlan, name: string) => Promise<Uint8Array | null>;

/**
 * The example masks of a run, as many as it has come to; `null` for one that kept none.
 *
 * @throws {Failure} for a file that is damaged or holds something else, with its name.
 */
async function readMaskExamples(plan: RunPlan, file: FileOfRun): Promise<MaskExamples | null> {
  const images = await read(plan, MASK_FILES.images, file, maskImagesOf);
  if (images === null) return null;
  const { total_steps: totalSteps, first_step: firstStep = 0, eval_every: evalEvery } = plan;
  const moments: MaskExamples["strip"]["moments"][number][] = [];
  for (const step of exampleSteps({ totalSteps, firstStep, evalEvery })) {
    const name = MASK_FILES.step(step);
    const masks = await read(plan, name, file, (content) => predictedMasksOf(content, images));
    if (masks !== null) moments.push({ step, masks });
  }
  const extremes = await read(plan, MASK_FILES.extremes, file, (content) => {
    const images = maskImagesOf(content);
    return { images, masks: predictedMasksOf(content, images) };
  });
  return { strip: { images, moments }, extremes };
}

/**
 * The example masks of each arm, of the run with the smallest seed that came to its end, else of the first that kept any.
 *
 * @throws {Failure} as of {@link readMaskExamples}.
 */
export async function readArmMasks(
  records: readonly RunRecord[],
  file: FileOfRun,
): Promise<{ readonly plan: RunPlan; readonly examples: MaskExamples }[]> {
  const runs = records.filter((record) => record.plan.role === "arm" && hasMasks(record))
    .toSorted((a, b) => a.plan.seed - b.plan.seed);
  const arms = [...Map.groupBy(runs, ({ plan }) => plan.arm).values()];
  const found = await Promise.all(arms.map(async (runs) => {
    for (const { plan } of [...runs.filter(reachedEnd), ...runs]) {
      const examples = await readMaskExamples(plan, file);
      if (examples !== null) return [{ plan, examples }];
    }
    return [];
  }));
  return found.flat();
}

async function read<T>(
  plan: RunPlan,
  name: string,
  file: FileOfRun,
  parse: (content: ReturnType<typeof readSafetensors>) => T,
): Promise<T | null> {
  const bytes = await file(plan, name);
  if (bytes === null) return null;
  try {
    return parse(readSafetensors(bytes));
  } catch (error) {
    throw new Failure(
      `Cannot use ${name} of run ${plan.id}: ${(error as Error).message}. ` +
        `Remove the folder runs/${plan.id}/masks to make the report without its pictures`,
      { cause: error },
    );
  }
}
