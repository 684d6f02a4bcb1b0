import { canonicalJson } from "#lib/json.ts";
import { isLabelLoss } from "#train/loss.ts";
import type { RunRecord } from "./run.ts";

/** `title (nats)`, and the title alone where a training loss of the runs is in another unit. */
export function lossTitle(title: string, runs: readonly Pick<RunRecord, "plan">[]): string {
  const { unit } = lossesOf(runs);
  return unit === null ? title : `${title} (${unit})`;
}

/** The training losses of runs: whether it is one and the same, and its unit where all are in nats. */
export function lossesOf(
  runs: readonly Pick<RunRecord, "plan">[],
): { readonly alike: boolean; readonly unit: "nats" | null } {
  const losses = runs.map(({ plan }) => plan.loss ?? null);
  return {
    alike: new Set(losses.map((loss) => canonicalJson(loss))).size <= 1,
    unit: losses.every((loss) => loss === null || isLabelLoss(loss)) ? "nats" : null,
  };
}
