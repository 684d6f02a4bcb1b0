import { pairedDifference } from "#stats/paired.ts";
import { shareDifference } from "#stats/proportions.ts";
import { type Expectation, expectedRange, verdictOf } from "#stats/verdict.ts";
import type { Evidence } from "./experiment/evidence.ts";
import type { Asked, Question } from "./exercise.ts";
import { probed, type Quantity } from "./experiment/first_steps.ts";
import { differenceText } from "./questions.ts";
import { isFinished } from "#results/run.ts";
import { failed, THRESHOLDS } from "./experiment/diagnostics.ts";

interface Failing {
  readonly arm: string;
  readonly against: string;
  /** Of the share of seeds that fail, arm minus against. */
  readonly expect: Expectation;
}

/** Asks whether training fails for more or fewer seeds: diverges, or ends hardly better than guessing. */
export function failing(asked: Asked, { arm, against, expect }: Failing): Question {
  return {
    ...asked,
    unit: "points",
    answer: (evidence) => {
      const count = (name: string) => {
        const ended = evidence.records(name).filter(isFinished);
        return [ended.filter((record) => failed(record, evidence.classes)).length, ended.length] as const;
      };
      const [own, other] = [count(arm), count(against)];
      const text =
        `${own[0]} of ${own[1]} seeds fail with ${arm}, ${other[0]} of ${other[1]} with ${against} ` +
        `(diverged, or below ${
          Math.round(100 * THRESHOLDS.guessing / evidence.classes)
        } % validation accuracy)`;
      if (own[1] === 0 || other[1] === 0) {
        return { verdict: { kind: "inconclusive", missing: "finished runs of both arms" }, text: `${text}.` };
      }
      const { difference, interval } = shareDifference(own, other);
      const [low, high] = interval.map((end) => 100 * end) as [number, number];
      const shown = [low, high].map((end) => end.toFixed(0).replace(/^-0$/, "0").replace("-", "−")).join(
        " to ",
      );
      const [from, to] = expectedRange(expect).map((end) => 100 * end) as [number, number];
      const kind = low > from && high < to ? "supported" : high <= from || low >= to ? "contradicted" : null;
      return {
        verdict: kind === null
          ? {
            kind: "inconclusive",
            missing: `${own[1]} seeds leave a difference of ${shown} points; more seeds would show`,
          }
          : { kind, effect: 100 * difference, interval: [low, high], runs: own[1] + other[1] },
        text: `${text}; difference of the shares, 95 % interval ${shown} points.`,
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
}

/** Asks how the closely measured first steps of two arms differ, paired over seeds. */
export function atStart(asked: Asked, { arm, against, quantity, take, expect }: AtStart): Question {
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
    answer: (evidence) => {
      const measured = pairedDifference(values(evidence, arm), values(evidence, against));
      return {
        verdict: verdictOf(measured, expect, { unit, scale }),
        text: `${take} ${name} in the measured steps, ${arm} minus ${against}: ${
          differenceText(measured, unit, scale)
        }.`,
      };
    },
  };
}
