import { readSafetensors } from "#lib/safetensors.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { Failure } from "../errors.ts";
import { predictionsOf, type RunPredictions } from "#study/experiment/predictions.ts";

/**
 * The saved predictions of runs, by their plans.
 *
 * @param file a file that a run left, or `null`.
 * @throws {Failure} for a file that is damaged or holds something else, with the run's name.
 */
export async function readPredictions(
  records: readonly RunRecord[],
  file: (plan: RunPlan, name: string) => Promise<Uint8Array | null>,
): Promise<ReadonlyMap<RunPlan, RunPredictions>> {
  const found = new Map<RunPlan, RunPredictions>();
  for (const { plan } of records) {
    const bytes = plan.predictions ? await file(plan, "predictions.safetensors") : null;
    if (!bytes) continue;
    try {
      found.set(plan, predictionsOf(Object.entries(readSafetensors(bytes).tensors)));
    } catch (error) {
      const { message } = error as Error;
      throw new Failure(
        `Cannot use predictions.safetensors of run ${plan.id}: ${message}. ` +
          `Remove its folder runs/${plan.id} to train it again with --resume; the others stay as they are`,
        { cause: error },
      );
    }
  }
  return found;
}
