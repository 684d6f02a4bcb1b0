import { mean } from "#stats/summary.ts";
import { evals, scoreOf, steps } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import type { Symptom } from "#results/summary.ts";

/** Thresholds of the symptoms of images with masks, in shares of validation Dice. Fixed beforehand, as those of accuracy. */
export const DICE_THRESHOLDS = {
  /** A stretch that surely gains less than this is a plateau. */
  plateauGain: 0.01,
  /** The stretch: so many epochs, or this share of the run where that is shorter. */
  plateauEpochs: 10,
  plateauShare: 1 / 3,
  /** Dice above this leaves nothing to gain. */
  solved: 0.95,
  /** A run that ends at a rate below this share of its highest has annealed: its end is meant to stand still… */
  annealed: 0.1,
  /** … unless so large a share of the run passed at less than half of that rate… */
  wasted: 0.5,
  /** … or Dice is below this and stood still for twice as long. */
  low: 0.3,
  /** Mean change from one evaluation to the next over the second half of the run. */
  swing: 0.03,
  /** Dice by which all that follows a restart stays below the best before it. */
  restartLoss: 0.01,
} as const;

/** Standard errors by which a figure must be beyond its threshold. */
const SURE = 2;
/** Fewest evaluations in a stretch that is judged. */
const LEAST = 6;

type Detector = (record: RunRecord) => number | null;

/** Symptoms of runs of images with masks, by validation Dice; each gives its strength, or `null`. */
export const DICE_DETECTORS = {
  plateau,
  volatile: oscillation,
  "worse after a restart": worseAfterRestart,
} satisfies Record<Exclude<Symptom, "nothing learnt">, Detector>;

/**
 * Gain of the last stretch where it is, with two standard errors more, below {@link DICE_THRESHOLDS}. A Dice that scatters
 * so much that it may have risen is none, nor is the end of a decay, at which Dice is meant to stand still.
 */
function plateau(record: RunRecord): number | null {
  const { total_steps, first_step = 0, steps_per_epoch } = record.plan;
  const stretch = Math.min(
    DICE_THRESHOLDS.plateauEpochs * steps_per_epoch,
    DICE_THRESHOLDS.plateauShare * (total_steps - first_step),
  );
  const held = evals(record, "validation");
  const since = (start: number) => held.filter(({ step }) => step > start).map(scoreOf);
  const last = since(total_steps - stretch);
  if (last.length < LEAST || held.length < 2 * last.length) return null;
  const gain = sureGain(last);
  const level = mean(last);
  if (level > DICE_THRESHOLDS.solved || gain === null) return null;
  if (!isAnnealed(record)) return gain;
  return level < DICE_THRESHOLDS.low && sureGain(since(total_steps - 2 * stretch)) !== null ? gain : null;
}

/** The mean of the second half minus that of the first, where it is surely below a plateau's and no fall; else `null`. */
function sureGain(values: readonly number[]): number | null {
  const half = Math.floor(values.length / 2);
  const gain = mean(values.slice(-half)) - mean(values.slice(0, half));
  const error = noiseOf(values) * Math.sqrt(2 / half);
  const { plateauGain } = DICE_THRESHOLDS;
  return gain > -plateauGain && gain + SURE * error < plateauGain ? gain : null;
}

/** True where the rate fell to its end, and not long before it. */
function isAnnealed(record: RunRecord): boolean {
  const rates = steps(record).map(({ lr }) => lr);
  const highest = rates.reduce((most, lr) => Math.max(most, lr), 0);
  const isBelow = (share: number) => (lr: number) => lr < share * highest;
  if (rates.length === 0 || !isBelow(DICE_THRESHOLDS.annealed)(rates.at(-1)!)) return false;
  const wasted = rates.filter(isBelow(DICE_THRESHOLDS.annealed / 2)).length / rates.length;
  return wasted < DICE_THRESHOLDS.wasted;
}

/** Mean change from one evaluation to the next over the second half of a run, where that is wide and Dice does not rise. */
function oscillation(record: RunRecord): number | null {
  const held = evals(record, "validation").map(scoreOf);
  const late = held.slice(Math.floor(held.length / 2));
  if (late.length < LEAST) return null;
  const swing = mean(changesOf(late).map(Math.abs));
  const half = Math.floor(late.length / 2);
  const rise = mean(late.slice(-half)) - mean(late.slice(0, half));
  return swing >= DICE_THRESHOLDS.swing && rise < swing ? swing : null;
}

/** Cost of the costliest restart: the distance of all that follows it below the best before it, beyond what is noise. */
function worseAfterRestart(record: RunRecord): number | null {
  const held = evals(record, "validation");
  const least = Math.max(
    DICE_THRESHOLDS.restartLoss,
    SURE * noiseOf(held.slice(Math.floor(held.length / 2)).map(scoreOf)),
  );
  const losses = record.events.flatMap((event) => {
    if (event.kind !== "restart") return [];
    const best = (of: (step: number) => boolean) =>
      Math.max(...held.filter(({ step }) => of(step)).map(scoreOf));
    const lost = best((step) => step <= event.step) - best((step) => step > event.step);
    return Number.isFinite(lost) ? [lost] : [];
  });
  const most = Math.max(...losses);
  return most >= least ? most : null;
}

/** Standard deviation of an evaluation about a curve that moves slowly, from the changes between neighbours (von Neumann). */
function noiseOf(values: readonly number[]): number {
  const changes = changesOf(values);
  return changes.length === 0 ? 0 : Math.sqrt(mean(changes.map((change) => change ** 2)) / 2);
}

const changesOf = (values: readonly number[]) =>
  values.slice(1).map((value, index) => value - values[index]!);
