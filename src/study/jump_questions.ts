import { type Expectation, verdictOf } from "#stats/verdict.ts";
import { differenceText } from "./difference_text.ts";
import type { Asked, Question } from "./exercise.ts";
import { lossChange, rateJumps, restartEffects, windowOf } from "./experiment/dynamics.ts";

/**
 * Asks what a jump of the rate does to the training loss: the change across the jump of one arm minus that of another
 * on the same batches, paired over seeds.
 */
export function atJump(
  asked: Asked,
  { arm, against, jump, expect }: { arm: string; against: string; jump: number; expect: Expectation },
): Question {
  return {
    ...asked,
    unit: "nats",
    needs: { arms: [arm, against] },
    answer: (evidence) => {
      const changes = new Map<number, number>();
      let step: number | null = null;
      for (const record of evidence.records(arm)) {
        const other = evidence.records(against).find(({ plan }) => plan.seed === record.plan.seed);
        const at = rateJumps(record)[jump];
        const change = at && other ? lossChange(record, at.step, windowOf(record), other) : null;
        if (change === null) continue;
        step = at!.step;
        changes.set(record.plan.seed, change);
      }
      const measured = evidence.difference(changes, new Map([...changes.keys()].map((seed) => [seed, 0])));
      return {
        verdict: verdictOf(measured, expect, NATS),
        text: `change of the training loss at step ${step ?? "?"} (mean after minus mean before), ` +
          `${arm} minus ${against} on the same batches: ${differenceText(measured, "nats", 1)}.`,
      };
    },
  };
}

/** Asks whether the training loss jumps up at the first warm restart of an arm, and how many steps the recovery takes. */
export function atRestart(asked: Asked, { arm, expect }: { arm: string; expect: Expectation }): Question {
  return {
    ...asked,
    unit: "nats",
    needs: { arms: [arm] },
    answer: (evidence) => {
      const effects = evidence.records(arm).flatMap((record) => {
        const first = restartEffects(record, windowOf(record))[0];
        return first && first.spike !== null
          ? [{ seed: record.plan.seed, ...first, spike: first.spike }]
          : [];
      });
      const measured = evidence.difference(
        new Map(effects.map(({ seed, spike }) => [seed, spike])),
        new Map(effects.map(({ seed }) => [seed, 0])),
      );
      const recovered = effects.flatMap(({ recovery }) => recovery ?? []);
      return {
        verdict: verdictOf(measured, expect, NATS),
        text:
          `height of the loss after the first restart above the loss before it: ${
            differenceText(measured, "nats", 1)
          }; ` +
          `back within the cycle in ${recovered.length} of ${effects.length} runs` +
          (recovered.length ? `, after ${recovered.join(", ")} steps.` : "."),
      };
    },
  };
}

/** Changes of a loss are judged by the margin of losses. */
const NATS = { unit: "nats", margin: 0.02 } as const;
