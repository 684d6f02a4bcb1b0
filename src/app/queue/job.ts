import { z } from "zod";
import { canonicalJson } from "#lib/json.ts";
import { customModules } from "#schedules/custom.ts";
import { type DataOf, firstProblem } from "#results/file.ts";
import { device, versions } from "#results/provenance.ts";
import { runKey } from "#spec/plan.ts";
import { schedulesOf } from "#spec/run_plan.ts";
import { runPlanSchema } from "#spec/run_plan_schema.ts";
import { sha256 } from "../sha256.ts";
import { type Conditions, conditionsText } from "./conditions.ts";
import { sha256Hex } from "./parts.ts";

/** Most threads of a run. */
export const MOST_THREADS = 64;
/** Most bytes of a job as JSON; a plan takes about one thousand, and as many for each run that it goes on from. */
export const MOST_JOB_BYTES = 2 ** 20;
/** Most images of a split, or of a batch, that a job may ask for. */
const MOST_IMAGES = 4_000_000;
/** Most steps of a run. */
const MOST_STEPS = 100_000_000;

/** A run as it lies in the queue. */
const jobSchema = z.strictObject({
  version: z.literal(1),
  plan: runPlanSchema,
  data_digest: sha256Hex,
  /** With the threads of the run. */
  device: device.omit({ why: true }),
  threads: z.int().min(1).max(MOST_THREADS),
  commit: z.string().max(100).nullable(),
  versions,
  /** Least time between checkpoints; no part of the run's id. */
  checkpoint_ms: z.number().min(0).nullable(),
});
export type RunJob = DataOf<typeof jobSchema>;

/** A job that a worker does not take: it is put on the list of dead letters at once. */
export class RefusedJob extends Error {
  override readonly name = "RefusedJob";
}

/**
 * Id of a job: the content of its run, so that the same run is in the queue once, whoever asks for it and whatever it is
 * called.
 */
export function jobId(job: Omit<RunJob, "version" | "checkpoint_ms">): string {
  const { plan, data_digest, device, threads, commit, versions } = job;
  const { read_test, keep_end = false } = plan;
  const content = { key: runKey(plan), read_test, keep_end, data_digest, device, threads, commit, versions };
  return `run-${sha256(canonicalJson(content))}`;
}

/** The terms under which a worker takes jobs. */
export interface WorkerTerms {
  readonly conditions: Conditions;
  /** True where jobs may name modules of custom schedules, which are read from the worker's own folder. */
  readonly modules: boolean;
}

/**
 * A job that anybody may have written, checked.
 *
 * @param id of the job, as the queue has it.
 * @throws {RefusedJob} for what is no job, another device or version, a module without leave, or an id that is not the
 * content's.
 */
export function checkJob(
  data: unknown,
  id: string | undefined,
  { conditions, modules }: WorkerTerms,
): RunJob {
  const size = JSON.stringify(data ?? null).length;
  if (size > MOST_JOB_BYTES) {
    throw new RefusedJob(`the job has ${size} bytes; at most ${MOST_JOB_BYTES} are taken`);
  }
  const result = jobSchema.safeParse(data);
  if (!result.success) throw new RefusedJob(`it is no job of this lab: ${firstProblem(result.error)}`);
  const job = result.data;
  if (id !== jobId(job)) throw new RefusedJob("its id is not that of its content");
  checkSizes(job);
  const { device, commit, versions } = job;
  const own = canonicalJson({ commit: conditions.commit, versions: conditions.versions });
  if (device.backend !== conditions.device.backend || own !== canonicalJson({ commit, versions })) {
    const wanted = conditionsText({ device, commit, versions });
    throw new RefusedJob(`it is for another worker (${wanted}); this one is ${conditionsText(conditions)}`);
  }
  const [module] = customModules(schedulesOf(job.plan));
  if (module !== undefined && !modules) {
    throw new RefusedJob(
      `it names the module ${module.module} of a custom schedule, and this worker was started without --allow-modules`,
    );
  }
  return job;
}

function checkSizes({ plan }: RunJob): void {
  const { dataset: { train, validation, test }, batch_size, accumulate = 1, total_steps, steps_per_epoch } =
    plan;
  const largest = Math.max(train ?? 0, validation ?? 0, test ?? 0, batch_size * accumulate);
  if (largest > MOST_IMAGES) {
    throw new RefusedJob(`it asks for ${largest} images at once; at most ${MOST_IMAGES} are taken`);
  }
  if (total_steps > MOST_STEPS || !(steps_per_epoch > 0)) {
    throw new RefusedJob(
      `it asks for ${total_steps} steps, ${steps_per_epoch} an epoch; at most ${MOST_STEPS} are taken, and more than 0`,
    );
  }
}
