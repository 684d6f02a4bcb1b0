import { evals, scoreOf, steps } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import type { Curve } from "#stats/curves.ts";
import { mean } from "#stats/summary.ts";
import type { ShownScore } from "./shown_score.ts";

/** Points of one run's curve: as many as a chart can show beside its neighbours. */
const POINTS = 150;

/** Steps that the loss of a run of so many steps is averaged over. */
export function blockOf(totalSteps: number): number {
  return Math.max(1, Math.ceil(totalSteps / POINTS));
}

/** Training loss: the mean over each block of steps, at the block's last one. Losses that are not finite are left out. */
export function trainingLoss(run: RunRecord, block: number): Curve {
  const all = steps(run);
  const blocks = Array.from(
    { length: Math.ceil(all.length / block) },
    (_, index) => all.slice(index * block, (index + 1) * block).filter(({ loss }) => Number.isFinite(loss)),
  ).filter((found) => found.length > 0);
  return {
    steps: blocks.map((found) => found.at(-1)!.step),
    values: blocks.map((found) => mean(found.map(({ loss }) => loss))),
  };
}

/** Score on validation data at each evaluation as `shown` has it; of very many, evenly spaced ones and the last. */
export function validationScore(run: RunRecord, { of }: Pick<ShownScore, "of">): Curve {
  const all = evals(run, "validation");
  const every = Math.max(1, Math.ceil(all.length / POINTS));
  const held = all.filter((_, index) => (all.length - 1 - index) % every === 0);
  return { steps: held.map(({ step }) => step), values: held.map((event) => of(scoreOf(event))) };
}

/** The learning rate of every step as the device applied it. */
export function learningRate(run: RunRecord): Curve {
  const all = steps(run);
  return { steps: all.map(({ step }) => step), values: all.map(({ lr }) => lr) };
}
