import { median } from "#lib/median.ts";
import { mean } from "#stats/summary.ts";
import { evals, finalEval, scoreOf } from "#results/final.ts";
import { hasMasks } from "#results/score.ts";
import type { RunRecord } from "#results/run.ts";
import { endOf, isFinished } from "#results/run.ts";
import { DICE_DETECTORS } from "./dice_symptoms.ts";
import { type Symptom, SYMPTOMS } from "#results/summary.ts";

/**
 * Thresholds of the symptoms. Fixed beforehand, so that they are the same in every experiment. Of text the likelihood of
 * a token stands for accuracy; of images with masks `dice_symptoms.ts` has others, but for what says so here.
 */
export const THRESHOLDS = {
  /** A run that ends at or below so many times the accuracy of guessing has learnt nothing. */
  guessing: 1.5,
  /** Mean Dice at or below which a run of images with masks has found nothing. */
  nothingFound: 0.02,
  /** Validation accuracy that the last stretch gains over the best before it. */
  plateauGain: 0.002,
  /** The stretch: so many epochs, or this share of the run where that is shorter. */
  plateauEpochs: 10,
  plateauShare: 1 / 3,
  /** An accuracy above this leaves nothing to gain. */
  solved: 0.99,
  /** Mean change of the validation loss between evaluations, as a share of its mean, over the second half of the run. */
  swing: 0.2,
  /** The second half converges where its own second half has a loss lower by this share than its first. */
  convergence: 0.05,
  /** Validation accuracy by which all that follows a restart stays below the best before it. */
  restartLoss: 0.01,
} as const;

/** Fewest evaluations in a stretch that is judged. */
const LEAST = 3;

/** True where training failed: it diverged, or ended hardly better than guessing among the classes. */
export function failed(record: RunRecord, classes: number): boolean {
  const held = finalEval(record, "validation");
  const chance = held?.segmentation ? THRESHOLDS.nothingFound : THRESHOLDS.guessing / classes;
  const guessed = held !== null && scoreOf(held) <= chance;
  return endOf(record)?.reason === "diverged" || guessed;
}

/**
 * The strength of each symptom that a finished run shows, in the unit that {@link THRESHOLDS} has for it. A run
 * that learnt nothing shows nothing else.
 */
export function symptomsOf(record: RunRecord, classes: number): Map<Symptom, number> {
  if (failed(record, classes)) {
    const diverged = endOf(record)?.reason === "diverged";
    return new Map([["nothing learnt", diverged ? 0 : scoreOf(finalEval(record, "validation")!)]]);
  }
  const found = new Map<Symptom, number>();
  const detectors = hasMasks(record) ? DICE_DETECTORS : DETECTORS;
  for (const [symptom, detect] of Object.entries(detectors) as [Symptom, typeof plateau][]) {
    const size = detect(record);
    if (size !== null) found.set(symptom, size);
  }
  return found;
}

const DETECTORS = { plateau, volatile, "worse after a restart": worseAfterRestart } satisfies Record<
  Exclude<Symptom, "nothing learnt">,
  (record: RunRecord) => number | null
>;

/** Gain of the last stretch, where that is next to nothing; else `null`. */
function plateau(record: RunRecord): number | null {
  const held = evals(record, "validation");
  const { total_steps, first_step = 0, steps_per_epoch } = record.plan;
  const stretch = Math.min(
    THRESHOLDS.plateauEpochs * steps_per_epoch,
    THRESHOLDS.plateauShare * (total_steps - first_step),
  );
  const start = total_steps - stretch;
  const best = (within: typeof held) => Math.max(...within.map(scoreOf));
  const [before, last] = [held.filter(({ step }) => step <= start), held.filter(({ step }) => step > start)];
  if (before.length < LEAST || last.length < LEAST || best(held) > THRESHOLDS.solved) return null;
  const gain = best(last) - best(before);
  return gain <= THRESHOLDS.plateauGain ? gain : null;
}

/** The swing of the validation loss as a share of its mean, where it is wide and the loss does not fall. */
function volatile(record: RunRecord): number | null {
  const held = evals(record, "validation");
  const losses = held.slice(Math.floor(held.length / 2)).map(({ loss }) => loss);
  if (losses.length < 2 * LEAST) return null;
  const half = Math.floor(losses.length / 2);
  const swing = mean(losses.slice(1).map((loss, index) => Math.abs(loss - losses[index]!))) / mean(losses);
  const converges = mean(losses.slice(half)) < (1 - THRESHOLDS.convergence) * mean(losses.slice(0, half));
  return swing >= THRESHOLDS.swing && !converges ? swing : null;
}

/** Cost of the costliest restart: the distance of all that follows it below the best before it. */
function worseAfterRestart(record: RunRecord): number | null {
  const held = evals(record, "validation");
  const losses = record.events.flatMap((event) => {
    if (event.kind !== "restart") return [];
    const best = (of: (step: number) => boolean) =>
      Math.max(...held.filter(({ step }) => of(step)).map(scoreOf));
    const lost = best((step) => step <= event.step) - best((step) => step > event.step);
    return Number.isFinite(lost) ? [lost] : [];
  });
  const most = Math.max(...losses);
  return most >= THRESHOLDS.restartLoss ? most : null;
}

/** A symptom that at least half of an arm's runs show. */
export interface ArmDiagnostics {
  readonly symptom: Symptom;
  /** Runs that show it, and all that were not stopped. */
  readonly runs: number;
  readonly of: number;
  /** Median over the runs that show it. */
  readonly size: number;
}

export function diagnosticsOf(records: readonly RunRecord[], classes: number): ArmDiagnostics[] {
  const seen = records.filter(isFinished).map((record) => symptomsOf(record, classes));
  return SYMPTOMS.flatMap((symptom) => {
    const sizes = seen.flatMap((found) => found.get(symptom) ?? []);
    return sizes.length === 0 || sizes.length < seen.length / 2
      ? []
      : [{ symptom, runs: sizes.length, of: seen.length, size: median(sizes) }];
  });
}
