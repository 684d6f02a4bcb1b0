import { basesOf } from "./case.ts";
import { DEFECTS } from "./defects/catalog.ts";
import { below } from "./defects/values.ts";
import { leastSquares } from "./least_squares.ts";
import type { RateLog } from "./log.ts";

/** A part of the highest rate below which training stands still. */
const GONE = 1e-6;

/** The first logged step at which a rate is gone for good; `null` for none. */
export function collapseOf({ steps, rates }: RateLog): number | null {
  const peak = Math.max(...rates.slice(0, 1000), 0);
  // A rate that comes back has not collapsed.
  const last = rates.findLastIndex((rate) => rate >= GONE * peak);
  return last + 2 < rates.length ? steps[last + 1]! : null;
}

/** Defects that show without a schedule: a rate below zero, and one that is gone at once. */
export function shownAnyway(log: RateLog, total: number, stepsPerEpoch: number | null) {
  const named = (code: string, what: string) => ({
    defect: DEFECTS.find((defect) => defect.code === code)!,
    certainty: "named" as const,
    what,
    needs: null,
  });
  const negative = below(log);
  if (negative !== null) return [named("below-zero", negative.what)];
  const wave = stepsPerEpoch === null ? null : waveOfEpochs(log, Math.round(total / stepsPerEpoch));
  if (wave !== null) {
    return [
      named(
        "per-step-not-per-epoch",
        `The rate is a cosine that rises and falls once in ${2 * wave} steps: ` +
          `its length of ${wave} was meant in epochs, and it is called at every step.`,
      ),
    ];
  }
  const at = collapseOf(log);
  if (at === null || at > total / 3 || stepsPerEpoch === null) return [];
  const what =
    `The rate has fallen to a millionth of its start by step ${at} of ${total}: its period was meant in epochs.`;
  return [named("per-step-not-per-epoch", what)];
}

/** A cosine as a wave whose descent is as many steps long as the run has epochs; too coarse a log shows no more of it. */
function waveOfEpochs(log: RateLog, epochs: number): number | null {
  const { steps, rates, tolerances } = log;
  if (epochs < 3 || steps.length < 8 || steps.at(-1)! < 2 * epochs) return null;
  for (const base of basesOf(log)) {
    for (const length of [epochs, epochs - 1, epochs + 1]) {
      const up = steps.map((step) => (1 + Math.cos(Math.PI * (step - base) / length)) / 2);
      const levels = leastSquares([up, up.map((part) => 1 - part)], rates, tolerances);
      if (levels === null || !(levels[0]! > levels[1]!)) continue;
      const isNear = (at: number) =>
        Math.abs(levels[1]! + (levels[0]! - levels[1]!) * up[at]! - rates[at]!) <= tolerances[at]!;
      if (rates.every((_, at) => isNear(at))) return length;
    }
  }
  return null;
}
