import { groupOf } from "#trackers/tensorboard/hparams.ts";
import type { LivePage } from "../serve/live_page.ts";
import type { LiveServer } from "../serve/server.ts";
import { bothProgress } from "../terminal/both_progress.ts";
import type { Progress } from "../terminal/progress.ts";
import type { Training } from "./training.ts";

export type { LiveServer };

/** The progress of a study in the terminal and, where there is a server, on its page. What draws it is loaded only then. */
export async function showLive(
  { plan, facts: { spec, data }, provenance }: Training<unknown>,
  server: LiveServer | null,
  terminal: Progress,
): Promise<{ progress: Progress; page: LivePage | null }> {
  if (server === null) return { progress: terminal, page: null };
  const { openLivePage } = await import("../serve/live_page.ts");
  const page = openLivePage(server, {
    name: spec.name,
    dataset: data.name,
    arms: plan.label ? [] : spec.arms.map(({ name }) => name),
    groupOf: (run) => plan.label?.(run.plan) ?? groupOf(run.plan),
    totals: plan.totals,
    provenance,
  });
  return { progress: bothProgress(terminal, page.progress), page };
}
