import { median } from "#lib/median.ts";
import type { ProbeEvent } from "#train/events.ts";
import { type Curve, smoothed } from "#stats/curves.ts";
import { steps } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";

/** Readers of the measured steps' quantities; `null` where the optimizer has no such quantity. */
export const QUANTITIES = {
  gradientNorm: ({ gradient_norm }: ProbeEvent) => gradient_norm,
  updateToWeight: ({ update_norm, weight_norm }: ProbeEvent) => update_norm / weight_norm,
  secondMoment: ({ second_moment }: ProbeEvent) => second_moment,
  saturated: ({ saturated }: ProbeEvent) => saturated,
} as const;
export type Quantity = keyof typeof QUANTITIES;

/** Several runs as one: the median over runs, and the lowest and highest run, at each step that any of them has. */
export interface MedianBand {
  readonly steps: readonly number[];
  readonly median: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** The steps of a run whose updates were measured. */
export function probesOf(record: RunRecord): ProbeEvent[] {
  return record.events.filter((event): event is ProbeEvent => event.kind === "probe");
}

/** A measured quantity of a run, by step. */
export function probed(record: RunRecord, quantity: Quantity): Curve {
  const found = probesOf(record).flatMap((event) => {
    const value = QUANTITIES[quantity](event);
    return value !== null && Number.isFinite(value) ? [{ step: event.step, value }] : [];
  });
  return { steps: found.map(({ step }) => step), values: found.map(({ value }) => value) };
}

/** The training loss (nats) of all steps up to the last that was measured, averaged exponentially. */
export function firstLosses(record: RunRecord, halfLife: number): Curve {
  const last = probesOf(record).at(-1)?.step ?? -Infinity;
  const seen = steps(record).filter(({ step, loss }) => step <= last && Number.isFinite(loss));
  return {
    steps: seen.map(({ step }) => step),
    values: smoothed(seen.map(({ loss }) => loss), halfLife),
  };
}

/** Joins curves by step. A run counts as far as it came, also one that diverged later. */
export function medianBySteps(curves: readonly Curve[]): MedianBand {
  const values = new Map<number, number[]>();
  for (const curve of curves) {
    curve.steps.forEach((step, index) => {
      const found = values.get(step) ?? [];
      found.push(curve.values[index]!);
      values.set(step, found);
    });
  }
  const rows = [...values].sort(([a], [b]) => a - b);
  return {
    steps: rows.map(([step]) => step),
    median: rows.map(([, found]) => median(found)),
    low: rows.map(([, found]) => Math.min(...found)),
    high: rows.map(([, found]) => Math.max(...found)),
  };
}
