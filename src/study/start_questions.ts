import { fixed } from "#lib/numbers.ts";
import { decided, type Expectation, verdictOf } from "#stats/verdict.ts";
import type { Evidence } from "./experiment/evidence.ts";
import type { Asked, Question } from "./exercise.ts";
import { probed, type Quantity } from "./experiment/first_steps.ts";
import { differenceText } from "./difference_text.ts";
import { THRESHOLDS } from "./experiment/diagnostics.ts";

interface Failing {
  readonly arm: string;
  readonly against: string;
  /** Of the share of seeds that fail, arm minus against. */
  readonly expect: Expectation;
  /** The largest difference of shares that does not matter; {@link SHARE_MARGIN} if not given. */
  readonly margin?: number;
}

/** Failures of one seed in five are what a handful of seeds can tell from none. */
const SHARE_MARGIN = 0.2;

/** Asks whether training fails for more or fewer seeds: diverges, or ends hardly better than guessing. */
export function failing(
  asked: Asked,
  { arm, against, expect, margin = SHARE_MARGIN }: Failing,
): Question {
  return {
    ...asked,
    unit: "points",
    needs: { arms: [arm, against] },
    answer: (evidence) => {
      const found = evidence.failing(arm, against, "test_accuracy");
      const below = evidence.score === "test_dice"
        ? `${Math.round(100 * THRESHOLDS.nothingFound)} % validation Dice`
        : `${Math.round(100 * THRESHOLDS.guessing / evidence.classes)} % validation accuracy`;
      const text =
        `${found.arm} of ${found.seeds} seeds fail with ${arm}, ${found.against} of ${found.seeds} with ` +
        `${against} (diverged, or below ${below})`;
      if (found.interval === null) {
        return { verdict: { kind: "inconclusive", missing: "finished runs of both arms" }, text: `${text}.` };
      }
      const figures = {
        effect: 100 * found.difference!,
        interval: [100 * found.interval[0], 100 * found.interval[1]] as const,
      };
      const shown = figures.interval.map((end) => fixed(end, 0)).join(" to ");
      const kind = decided(found.interval, expect, margin);
      return {
        verdict: kind === null
          ? {
            kind: "inconclusive",
            missing: `${found.seeds} seeds leave a difference of ${shown} points; more seeds would show`,
            ...figures,
            margin: 100 * margin,
          }
          : {
            kind,
            ...figures,
            runs: 2 * found.seeds,
            margin: 100 * margin,
            decided_by: "failures",
          },
        text: `${text}; difference of the shares ${shown} points.`,
      };
    },
  };
}

const NAMES: Record<Quantity, { name: string; unit: string; scale: number }> = {
  gradientNorm: { name: "norm of the gradient", unit: "units", scale: 1 },
  updateToWeight: { name: "norm of the update against that of the weights", unit: "%", scale: 100 },
  secondMoment: { name: "root mean square of √v", unit: "units", scale: 1 },
  saturated: { name: "share of weights that move by the full rate", unit: "points", scale: 100 },
};

interface AtStart {
  readonly arm: string;
  readonly against: string;
  readonly quantity: Quantity;
  /** Which of the measured steps: the largest value, or the first's. */
  readonly take: "largest" | "first";
  readonly expect: Expectation;
  /** The largest difference that does not matter, before the unit's factor; none if not given. */
  readonly margin?: number;
}

/** Asks how the closely measured first steps of two arms differ, paired over seeds. */
export function atStart(asked: Asked, { arm, against, quantity, take, expect, margin }: AtStart): Question {
  const { name, unit, scale } = NAMES[quantity];
  const values = (evidence: Evidence, of: string) =>
    new Map(
      evidence.records(of).flatMap((record): [number, number][] => {
        const found = probed(record, quantity).values;
        if (found.length === 0) return [];
        return [[record.plan.seed, take === "first" ? found[0]! : Math.max(...found)]];
      }),
    );
  return {
    ...asked,
    unit,
    needs: { arms: [arm, against] },
    answer: (evidence) => {
      const measured = evidence.difference(values(evidence, arm), values(evidence, against));
      return {
        verdict: verdictOf(measured, expect, { unit, scale, ...(margin !== undefined && { margin }) }),
        text: `${take} ${name} in the measured steps, ${arm} minus ${against}: ${
          differenceText(measured, unit, scale)
        }.`,
      };
    },
  };
}
