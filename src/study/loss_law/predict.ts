import { mean } from "#stats/summary.ts";
import { fitLaw } from "#theory/loss_laws/fit.ts";
import { predictLoss, refitLaw, type UncertainFit } from "#theory/loss_laws/interval.ts";
import { peakOf } from "#theory/convex_bound.ts";
import { type LawName, LOSS_LAWS } from "#theory/loss_laws/laws.ts";
import type { LossLawResult } from "#results/loss_law.ts";
import type { ArmCurve, LeftOut } from "./curves.ts";

/** A schedule whose loss is asked for. */
export interface AskedSchedule {
  readonly name: string;
  /** The rate of every step. */
  readonly rates: Float64Array;
}

/** Points of a predicted curve that was not recorded. */
const POINTS = 60;

/**
 * A law fitted to some recorded curves, the losses that it predicts for others and for schedules that were not trained, and
 * how well those that were recorded are met.
 *
 * @param fitted names of the curves to fit.
 */
export function predictLosses(
  name: LawName,
  curves: readonly ArmCurve[],
  fitted: readonly string[],
  asked: readonly AskedSchedule[],
  leftOut: readonly LeftOut[],
): LossLawResult {
  const chosen = curves.filter((curve) => fitted.includes(curve.name));
  const law = LOSS_LAWS[name];
  const fit = refitLaw(fitLaw(law, chosen), chosen);
  return {
    version: 2,
    kind: "loss law",
    law: name,
    source: law.source,
    parameters: Object.fromEntries(law.parameters.map((key, index) => [key, fit.parameters[index]!])),
    fitted: chosen.map((curve) => curve.name),
    epochs: Math.max(...chosen.map(({ epochs }) => epochs)),
    fitted_peaks: [...new Set(chosen.map(({ rates }) => peakOf(rates)))].sort((a, b) => a - b),
    curves: [
      ...curves.map((curve) => recorded(fit, curve, chosen.includes(curve))),
      ...asked.map(({ name, rates }) => ({
        name,
        fitted: false,
        ...points(fit, rates, evenly(rates)),
        recorded: null,
        scores: null,
      })),
    ],
    notes: leftOut.map(({ name, why }) => `${name} is left out: ${why}`),
  };
}

function points(fit: UncertainFit, rates: Float64Array, steps: readonly number[]) {
  const { losses, low, high } = predictLoss(fit, rates, steps);
  return { peak: peakOf(rates), steps: [...steps], predicted: [...losses], low: [...low], high: [...high] };
}

function recorded(fit: UncertainFit, curve: ArmCurve, fitted: boolean): LossLawResult["curves"][number] {
  const { name, rates, steps, losses, interval, seeds } = curve;
  const found = points(fit, rates, steps);
  const errors = losses.map((loss, point) => found.predicted[point]! / loss - 1);
  const level = mean(losses);
  const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
  const share = (holds: (point: number) => boolean) => mean(losses.map((_, point) => Number(holds(point))));
  return {
    name,
    fitted,
    ...found,
    recorded: {
      losses: [...losses],
      interval: interval && interval.map(([low, high]) => [low, high]),
      seeds: [...seeds],
    },
    scores: {
      r2: 1 - squares(losses.map((loss, point) => loss - found.predicted[point]!)) /
          squares(losses.map((loss) => loss - level)),
      mean_error: mean(errors.map(Math.abs)),
      end_error: errors.at(-1)!,
      within_seeds: interval && share((point) => {
        const [low, high] = interval[point]!;
        return found.predicted[point]! >= low && found.predicted[point]! <= high;
      }),
      within_prediction: share((point) =>
        losses[point]! >= found.low[point]! && losses[point]! <= found.high[point]!
      ),
    },
  };
}

/** Points over a run, from the first with a rate before it. */
function evenly(rates: Float64Array): number[] {
  const first = Math.max(rates.findIndex((rate) => rate > 0) + 1, Math.round(rates.length / 20), 1);
  const steps = Array.from(
    { length: POINTS },
    (_, at) => Math.round(first + at * (rates.length - first) / (POINTS - 1)),
  );
  return [...new Set(steps)];
}
