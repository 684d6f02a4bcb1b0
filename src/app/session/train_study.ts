import { readPredictions } from "../storage/read_predictions.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import {
  type Conditions,
  type Kind,
  type Provenance,
  recordsOf,
  type StageRecords,
  type StudyResults,
} from "#study/study.ts";
import type { CommandIo } from "../io.ts";
import { diskStore } from "../storage/disk.ts";
import { writeInvocation } from "../storage/invocation.ts";
import { openRunCache } from "../storage/run_cache.ts";
import { createProgress } from "../terminal/progress.ts";
import type { SessionOptions } from "./options.ts";
import { OUTPUTS, writeResult } from "./output.ts";
import { sha256 } from "./provenance.ts";
import { createRunner } from "./runner.ts";
import { stopOnSignal } from "./stop_on_signal.ts";
import type { Training } from "./training.ts";

/** What came of a study's runs. */
export interface Measured<K extends Kind> {
  readonly result: StudyResults[K];
  readonly records: readonly RunRecord[];
  readonly stopped: boolean;
  readonly failure: Error | null;
}

interface Place {
  /** Of the study; locked. */
  readonly folder: string;
  readonly options: SessionOptions;
  readonly provenance: () => Provenance;
  readonly io: CommandIo;
}

/** Runs stage after stage until there is no next one, a stop is asked for, or something fails. */
export async function trainStudy<K extends Kind>(
  kind: K,
  training: Training<StudyResults[K]>,
  place: Place,
): Promise<Measured<K>> {
  const { plan, pool, problemOf, specText, jobs } = training;
  const { folder, options, io } = place;
  const output = OUTPUTS[kind];
  const terminal = options.quiet ? { ...io, stderr: () => {}, stderrIsTerminal: false } : io;
  terminal.stderr(`${headlineOf(training)}, into ${folder}\n`);
  const store = diskStore(folder, {
    runCache: options.fresh ? null : openRunCache(folder, specText, training.provenance, options.earlier),
    from: options.invocation.folder,
    notify: io.stderr,
  });
  await store.writeSpec(specText);
  if (output.listsPlans) {
    const { dataDir, invocation } = options;
    await writeInvocation(folder, {
      ...invocation,
      dataDir,
      backend: training.backend,
      threads: training.threads,
    });
  }

  const stages: StageRecords[] = [];
  const resultSo = (far: Pick<Conditions, "interrupted" | "predictions">) =>
    plan.summarise(stages, {
      device: pool.device,
      provenance: { ...place.provenance(), spec_digest: sha256(specText), jobs },
      ...far,
    });
  const keepStage = async () => {
    if (output.eachStage) {
      await writeResult(folder, output, resultSo({ interrupted: false, predictions: new Map() }));
    }
  };
  await keepStage();
  const progress = await createProgress(terminal, plan.totals, () => performance.now());
  const stop = stopOnSignal(() => pool.stop(), io, progress.close);
  const named = (run: RunPlan): RunPlan => ({ ...run, arm: plan.label?.(run) ?? run.arm });
  const runner = createRunner({
    pool,
    store,
    provenance: training.provenance,
    checkpointMs: options.checkpointS === null ? null : 1000 * options.checkpointS,
    ...(options.breakOff && { breakOff: options.breakOff }),
    onEvents: (run, events) => progress.events(named(run), events),
    onKnown: (run, record) => progress.known(named(run), record),
  });
  let failure: Error | null = null;
  try {
    for (let stage; !stop.asked && (stage = plan.next(stages, problemOf)) !== null;) {
      const { plans, foreseen, notices } = stage;
      if (!foreseen) progress.more(plans);
      notices.forEach(progress.notice);
      if (output.listsPlans) await store.writePlans([...stages.flatMap((done) => done.plans), ...plans]);
      try {
        await runner.run(plans);
      } finally {
        stages.push({ plans, records: runner.records(plans) });
      }
      await keepStage();
    }
  } catch (error) {
    failure = error as Error;
  } finally {
    stop.release();
    progress.close();
  }
  const records = recordsOf(stages);
  const predictions = await readPredictions(records.filter(({ plan }) => plan.role === "arm"), runner.file);
  const interrupted = stop.asked || failure !== null;
  return { result: resultSo({ interrupted, predictions }), records, stopped: stop.asked, failure };
}

/** `name: 12 runs, 3600 steps, 2 at a time, on WASM (why)`. */
function headlineOf({ facts, plan, jobs, pool, why }: Training<unknown>): string {
  return `${facts.spec.name}: ${plan.headline}, ${jobs} at a time, on ${pool.device.name}${
    why && ` (${why})`
  }`;
}
