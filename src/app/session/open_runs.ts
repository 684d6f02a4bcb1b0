import type { RunPlan } from "#results/run.ts";
import type { RunPredictions } from "#study/experiment/predictions.ts";
import { trainedSeconds } from "#study/shards.ts";
import { recordsOf, type Seen, type StageRecords } from "#study/study.ts";
import { readPredictions } from "../storage/read_predictions.ts";
import type { Store } from "../storage/store.ts";
import type { Progress } from "../terminal/progress.ts";
import { type KnownRuns, knownRuns } from "./known_runs.ts";
import type { SessionOptions } from "./options.ts";
import { createRunner, type Runner } from "./runner.ts";
import type { Training } from "./training.ts";

/** The runs of a study while it is trained. */
export interface OpenRuns {
  readonly known: KnownRuns;
  /** Trains those that are not known. */
  readonly runner: Runner;
}

/** @param progress shows what happens to each run, which it knows by the study's name for it. */
export function openRuns(
  { plan, pool, provenance }: Training<unknown>,
  { checkpointS, breakOff }: Pick<SessionOptions, "checkpointS" | "breakOff">,
  { store, progress }: {
    readonly store: Store;
    readonly progress: Pick<Progress, "events" | "known" | "notice">;
  },
): OpenRuns {
  const named = (run: RunPlan): RunPlan => ({ ...run, arm: plan.label?.(run) ?? run.arm });
  const known = knownRuns(store, (run, record) => progress.known(named(run), record));
  const runner = createRunner({
    pool,
    store,
    known,
    provenance,
    checkpointMs: checkpointS === null ? null : 1000 * checkpointS,
    ...(breakOff && { breakOff }),
    onEvents: (run, events) => progress.events(named(run), events),
    onNotice: progress.notice,
  });
  return { known, runner };
}

/** The saved predictions of the arms' runs in some stages. @throws {Failure} for a file that is damaged. */
export function predictionsIn(
  stages: readonly StageRecords[],
  { file }: Pick<KnownRuns, "file">,
): Promise<ReadonlyMap<RunPlan, RunPredictions>> {
  return readPredictions(recordsOf(stages).filter(({ plan }) => plan.role === "arm"), file);
}

/**
 * The knowledge that shards share beside the records of some stages: a time that all of them agree on, whenever and wherever they look.
 *
 * @param of shards that the study is split into.
 */
export async function seenByShards(
  stages: readonly StageRecords[],
  of: number,
  known: Pick<KnownRuns, "file">,
): Promise<Seen> {
  return {
    elapsedS: trainedSeconds(recordsOf(stages)) / of,
    begun: new Set(),
    predictions: await predictionsIn(stages, known),
  };
}
