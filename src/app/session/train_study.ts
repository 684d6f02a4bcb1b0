import { printable } from "#lib/printable.ts";
import { plansFile, type RunRecord } from "#results/run.ts";
import {
  type Conditions,
  type Kind,
  type Provenance,
  recordsOf,
  type StageRecords,
  type StudyResults,
} from "#study/study.ts";
import type { CommandIo } from "../io.ts";
import type { LivePage } from "../serve/live_page.ts";
import { readResult } from "../storage/read_result.ts";
import type { Store } from "../storage/store.ts";
import { createProgress } from "../terminal/progress.ts";
import { drive, trainAll } from "./drive.ts";
import type { KnownRuns } from "./known_runs.ts";
import { type LiveServer, showLive } from "./live.ts";
import { openRuns, predictionsIn } from "./open_runs.ts";
import { openStore } from "./open_store.ts";
import type { SessionOptions } from "./options.ts";
import { OUTPUTS, writeResult } from "./output.ts";
import { sha256 } from "../sha256.ts";
import { stopOnSignal } from "../terminal/stop_on_signal.ts";
import type { Training } from "./training.ts";

/** Result of a study's runs. */
export interface Measured<K extends Kind> {
  readonly result: StudyResults[K];
  readonly records: readonly RunRecord[];
  /** Files that the runs left. */
  readonly file: KnownRuns["file"];
  readonly stopped: boolean;
  readonly failure: Error | null;
}

interface Place {
  /** Of the study; locked. */
  readonly folder: string;
  readonly options: SessionOptions;
  readonly provenance: () => Provenance;
  readonly io: CommandIo;
  /** Shows the study while it runs; `null` for none. */
  readonly server: LiveServer | null;
}

/** Trains a study in its folder and summarises what came of it. Ctrl-C stops it; a failure is returned. */
export async function trainStudy<K extends Kind>(
  kind: K,
  training: Training<StudyResults[K]>,
  place: Place,
): Promise<Measured<K>> {
  const { plan, pool } = training;
  const { folder, options, io } = place;
  const output = OUTPUTS[kind];
  const terminal = options.quiet ? { ...io, stderr: () => {}, stderrIsTerminal: false } : io;
  terminal.stderr(`${headlineOf(training)}, into ${folder}\n`);
  const begun = await begunRuns(folder, options.resume && output.listsPlans);
  const store = await openStore(training, place, output.listsPlans);
  const summarise = summaryOf(training, place);
  const keep = async (stages: readonly StageRecords[]) => {
    if (output.eachStage) await writeResult(folder, output, summarise(stages, ONGOING));
  };
  await keep([]);
  const shown = await createProgress(terminal, plan.totals, () => performance.now());
  const { progress, page } = await showLive(training, place.server, shown);
  const stop = stopOnSignal(() => pool.stop(), io, progress.close, options.stop);
  place.server?.onStop(() => stop.ask("Stopping, as the live page asks"));
  const { known, runner } = openRuns(training, options, {
    store: page === null ? store : shownStore(store, page),
    progress,
  });
  const { stages, failure } = await drive(plan, {
    run: trainAll(known, runner),
    known,
    problemOf: training.problemOf,
    seen: async (done) => ({
      elapsedS: place.provenance().wall_s,
      begun,
      predictions: await predictionsIn(done, known),
    }),
    isStopped: () => stop.asked,
    onStage: async ({ plans, foreseen, notices }, done) => {
      if (!foreseen) progress.more(plans);
      notices.forEach(progress.notice);
      if (output.listsPlans) await store.writePlans([...done.flatMap((each) => each.plans), ...plans]);
    },
    onDone: async (done) => {
      await keep(done);
      if (done.at(-1)!.plans.every(({ role }) => role === "tune")) return;
      page?.stage(async () => {
        const predictions = await predictionsIn(done, known);
        return await output.compose(
          summarise(done, { ...ONGOING, predictions }),
          recordsOf(done),
          known.file,
        );
      });
    },
  });
  stop.release();
  page?.close();
  progress.close();
  const records = recordsOf(stages);
  const predictions = await predictionsIn(stages, known);
  const result = summarise(stages, { interrupted: stop.asked || failure !== null, predictions });
  return { result, records, file: known.file, stopped: stop.asked, failure };
}

/** A store that shows each file of a run once it is kept. */
function shownStore(store: Store, page: LivePage): Store {
  return {
    ...store,
    keep: async (plan, file) => {
      await store.keep(plan, file);
      page.file(plan, file);
    },
  };
}

/** Ids of the runs that an earlier session had planned. @throws {UsageError} for a list that cannot be read. */
async function begunRuns(folder: string, isResumed: boolean): Promise<ReadonlySet<string>> {
  const listed = isResumed ? await readResult(folder, plansFile) : null;
  return new Set(listed?.plans.map(({ id }) => id));
}

/** Conditions in the result of a study that is still running. */
const ONGOING: Pick<Conditions, "interrupted" | "predictions"> = {
  interrupted: false,
  predictions: new Map(),
};

/** `name: 12 runs, 3600 steps, 2 at a time, on WASM (why)`. */
function headlineOf({ facts, plan, jobs, pool, why }: Training<unknown>): string {
  return `${printable(facts.spec.name)}: ${plan.headline}, ${jobs} at a time, on ${pool.device.name}${
    why && ` (${why})`
  }`;
}

function summaryOf<Result>(
  { plan, pool, specText, jobs }: Training<Result>,
  { provenance }: Place,
): (stages: readonly StageRecords[], far: Pick<Conditions, "interrupted" | "predictions">) => Result {
  const spec_digest = sha256(specText);
  return (stages, far) =>
    plan.summarise(stages, {
      device: pool.device,
      provenance: {
        ...provenance(),
        spec_digest,
        jobs,
        ...(pool.dead?.length && { dead_letters: [...pool.dead] }),
      },
      ...far,
    });
}
