import { join } from "node:path";
import { suggest } from "#lib/nearest.ts";
import { isFinished, type RunPlan, type RunRecord } from "#results/run.ts";
import { evenNorms, medianNorms, type Norms } from "#theory/refine.ts";
import type { Series } from "#trackers/series.ts";
import { UsageError } from "../../errors.ts";
import { diskStore } from "../../storage/disk.ts";
import { findRuns } from "../../trackers/find_runs.ts";
import { readRun } from "../../trackers/read_run.ts";

/** A run, or several of one arm, whose gradient norms are known. */
export interface NormedRun {
  /** The source in words, for comments and messages. */
  readonly label: string;
  /** Steps of the run. */
  readonly steps: number;
  readonly norms: Norms;
  /** The rates at the norms' places; `null` where nothing recorded them. */
  readonly rates: Float64Array | null;
  /** The plan of one of the lab's own runs; `null` for a log of another tool. */
  readonly plan: RunPlan | null;
  readonly seeds: readonly number[];
}

interface Read extends NormedRun {
  /** What could not be used, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * The gradient norms of an experiment's arm or of a log.
 *
 * @throws {UsageError} where there are none, and where an experiment has several arms with them and none is named.
 */
export async function readNorms(source: string, arm: string | null): Promise<Read> {
  const isExperiment = await Deno.stat(join(source, "plan.json")).then(() => true, () => false);
  if (isExperiment) return await ofExperiment(source, arm);
  if (arm !== null) {
    throw new UsageError(`${source} is no experiment of the lab, so --arm names nothing in it`);
  }
  return await ofLog(source);
}

async function ofExperiment(folder: string, wanted: string | null): Promise<Read> {
  const records = (await diskStore(folder).records()).filter((record) =>
    record.plan.role === "arm" && record.plan.gradient_norms === true && isFinished(record) &&
    record.events.at(-1)?.kind === "ended" && record.plan.first_step === undefined
  );
  const arms = [...new Set(records.map(({ plan }) => plan.arm))];
  if (arms.length === 0) {
    throw new UsageError(
      `No finished run in ${folder} has gradient norms: write gradient_norms: true into the spec and train it again`,
    );
  }
  const arm = wanted ?? (arms.length === 1 ? arms[0]! : null);
  if (arm === null) {
    throw new UsageError(`${folder} has several arms: add --arm with one of ${arms.join(", ")}`);
  }
  if (!arms.includes(arm)) {
    throw new UsageError(
      `${folder} has no arm ${JSON.stringify(arm)} with gradient norms; ${suggest(arm, arms)}`,
    );
  }
  const runs = records.filter(({ plan }) => plan.arm === arm);
  const { plan } = runs[0]!;
  const whole = runs.map((run) => stepsOf(run)).filter(({ steps }) => steps.length === plan.total_steps);
  if (whole.length === 0) throw new UsageError(`No run of ${arm} in ${folder} reached its end`);
  const even = (values: readonly number[]) => evenNorms(whole[0]!.steps, values, plan.total_steps);
  return {
    label: `${arm} of ${folder}`,
    steps: plan.total_steps,
    norms: medianNorms(whole.map(({ norms }) => even(norms))),
    rates: even(whole[0]!.rates),
    plan,
    seeds: runs.map((run) => run.plan.seed),
    notes: [],
  };
}

/** Steps, applied gradient norms and rates of a run of the lab. A clipped gradient has the norm that it is clipped to. */
function stepsOf({ plan, events }: RunRecord) {
  const clip = plan.optimizer.clip_norm ?? Infinity;
  const found = events.filter((event) => event.kind === "step");
  return {
    steps: found.map(({ step }) => step),
    norms: found.map(({ gradient_norm }) => Math.min(gradient_norm ?? NaN, clip)),
    rates: found.map(({ lr }) => lr),
  };
}

const NORM_TAG = /(^|[/_. -])(grad(ient)?s?[/_. -]?norm|norm)$/i;
const RATE_TAG = /(^|[/_. -])(lr|learning[_. -]?rate)([/_. -]?\w*)?$/i;

async function ofLog(path: string): Promise<Read> {
  const runs = [];
  const notes: string[] = [];
  for (const files of await findRuns(path)) {
    const read = await readRun(files, { isWanted: (tag) => NORM_TAG.test(tag) || RATE_TAG.test(tag) });
    runs.push(...read.runs);
    notes.push(...read.notes);
  }
  const normed = runs.flatMap(({ series }) => {
    const norms = [...series.values()].find(({ tag }) => NORM_TAG.test(tag));
    return norms === undefined || norms.values.length < 2
      ? []
      : [{ norms, rates: [...series.values()].find(({ tag }) => RATE_TAG.test(tag)) ?? null }];
  });
  if (normed.length === 0) {
    throw new UsageError(
      `No gradient norms in ${path}: expected a series such as gradient_norm, grad_norm or norm over steps`,
    );
  }
  const length = Math.max(...normed.map(({ norms }) => lengthOf(norms)));
  const even = ({ steps, values }: Series) => evenNorms(steps, values, length);
  const [first] = normed as [typeof normed[0]];
  return {
    label: normed.length === 1 ? path : `${normed.length} runs in ${path}`,
    steps: Math.round(length),
    norms: medianNorms(normed.map(({ norms }) => even(norms))),
    rates: first.rates === null ? null : even(first.rates),
    plan: null,
    seeds: [],
    notes,
  };
}

/** Steps that a log covers: one more distance of its points than lies between the first and the last. */
function lengthOf({ steps }: Series): number {
  const span = steps.at(-1)! - steps[0]!;
  return span + span / (steps.length - 1);
}
