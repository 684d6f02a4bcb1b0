import { join, resolve } from "node:path";
import { suggest } from "#lib/nearest.ts";
import { isFinished, type RunPlan, type RunRecord } from "#results/run.ts";
import { evenNorms, medianNorms, type Norms } from "#theory/refine.ts";
import { isGradientNormTag, isRateTag } from "#trackers/known_tags.ts";
import type { Series } from "#trackers/series.ts";
import { UsageError } from "../../errors.ts";
import { diskStore } from "../../storage/disk.ts";
import { exists } from "../../storage/missing.ts";
import { findRuns } from "../../trackers/find_runs.ts";
import { readRun } from "../../trackers/read_run.ts";

/** A run, or several of one arm, whose gradient norms are known. */
export interface NormedRun {
  /** The source in words, for comments and messages. */
  readonly label: string;
  /** The run's length, in {@link NormedRun.unit}. */
  readonly length: number;
  /** Epochs where a log of another tool counts nothing else. */
  readonly unit: "steps" | "epochs";
  readonly norms: Norms;
  /** The rates at the norms' places; `null` where nothing recorded them. */
  readonly rates: Float64Array | null;
  /** The plan of one of the lab's own runs; `null` for a log of another tool. */
  readonly plan: RunPlan | null;
  /** Path of its images, if they are one's own; absolute. */
  readonly dataPath: string | null;
  readonly seeds: readonly number[];
}

interface Read extends NormedRun {
  /** Sentences on what could not be used. */
  readonly notes: readonly string[];
}

/**
 * The gradient norms of an experiment's arm or of a log.
 *
 * @throws {UsageError} where there are none, and where an experiment has several arms with them and none is named.
 */
export async function readNorms(source: string, arm: string | null): Promise<Read> {
  if (await exists(join(source, "plan.json"))) return await ofExperiment(source, arm);
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
      `${folder} has no arm ${JSON.stringify(arm)} that has gradient norms and begins at step 0; ${
        suggest(arm, arms)
      }`,
    );
  }
  const runs = records.filter(({ plan }) => plan.arm === arm);
  const { plan } = runs[0]!;
  const whole = runs.map((run) => stepsOf(run)).filter(({ steps }) => steps.length === plan.total_steps);
  if (whole.length === 0) throw new UsageError(`No run of ${arm} in ${folder} reached its end`);
  const even = (values: readonly number[]) => evenNorms(whole[0]!.steps, values, plan.total_steps);
  return {
    label: `${arm} of ${folder}`,
    length: plan.total_steps,
    unit: "steps",
    norms: medianNorms(whole.map(({ norms }) => even(norms))),
    rates: even(whole[0]!.rates),
    plan,
    dataPath: await dataPathOf(folder, plan),
    seeds: runs.map((run) => run.plan.seed),
    notes: [],
  };
}

/** A plan knows images by their digest; the experiment's spec says where they lie. */
async function dataPathOf(folder: string, { dataset }: RunPlan): Promise<string | null> {
  const [{ VOCABULARY }, { openExperiment }] = await Promise.all([
    import("../../studies/study_spec.ts"),
    import("../../storage/open_experiment.ts"),
  ]);
  if (!VOCABULARY.datasetKeys?.[dataset.name]?.required.includes("path")) return null;
  const { spec, invocation } = await openExperiment(folder, VOCABULARY);
  return resolve(invocation.folder, spec.dataset.path!);
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

/** Points of an epoch, where a log counts epochs. */
const POINTS_AN_EPOCH = 100;

async function ofLog(path: string): Promise<Read> {
  const runs = [];
  const notes: string[] = [];
  for (const files of await findRuns(path)) {
    const read = await readRun(files, { isWanted: (tag) => isGradientNormTag(tag) || isRateTag(tag) });
    runs.push(...read.runs);
    notes.push(...read.notes);
  }
  const normed = runs.flatMap(({ series }) => {
    const norms = [...series.values()].find(({ tag }) => isGradientNormTag(tag));
    return norms === undefined || norms.values.length < 2
      ? []
      : [{ norms, rates: [...series.values()].find(({ tag }) => isRateTag(tag)) ?? null }];
  });
  if (normed.length === 0) {
    throw new UsageError(
      `No gradient norms in ${path}: expected a series such as gradient_norm, grad_norm or norm over steps`,
    );
  }
  const length = Math.max(...normed.map(({ norms }) => lengthOf(norms)));
  const [first] = normed as [typeof normed[0]];
  const isInEpochs = first.norms.unit === "epoch";
  const perUnit = isInEpochs ? POINTS_AN_EPOCH : 1;
  const even = ({ steps, values }: Series) =>
    evenNorms(steps.map((step) => step * perUnit), values, length * perUnit);
  return {
    label: normed.length === 1 ? path : `${normed.length} runs in ${path}`,
    length: Math.max(1, Math.round(length)),
    unit: isInEpochs ? "epochs" : "steps",
    norms: medianNorms(normed.map(({ norms }) => even(norms))),
    rates: first.rates === null ? null : even(first.rates),
    plan: null,
    dataPath: null,
    seeds: [],
    notes,
  };
}

/** Steps, or epochs, that a log covers: one more distance of its points than lies between the first and the last. */
function lengthOf({ steps }: Series): number {
  const span = steps.at(-1)! - steps[0]!;
  return span + span / (steps.length - 1);
}
