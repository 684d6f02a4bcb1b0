import type { HessianEvent } from "#train/events.ts";
import type { Curve } from "#stats/curves.ts";
import type { RunRecord } from "#results/run.ts";

/** Quantities of a measurement of the Hessian; `null` where it has none. */
const HESSIAN_QUANTITIES = {
  eigenvalue: ({ eigenvalue }: HessianEvent) => eigenvalue,
  /** The eigenvalue over the one at which the next step's rate becomes unstable on a quadratic loss. */
  overLimit: ({ eigenvalue, limit }: HessianEvent) => limit === null ? null : eigenvalue / limit,
} as const;
export type HessianQuantity = keyof typeof HESSIAN_QUANTITIES;

/** The measurements of a run's Hessian, in order. */
export function hessiansOf(record: RunRecord): HessianEvent[] {
  return record.events.filter((event): event is HessianEvent => event.kind === "hessian");
}

/** A quantity over the steps of a run. Eigenvalues that are not positive are no sharpness, and are left out. */
export function hessianCurve(record: RunRecord, quantity: HessianQuantity): Curve {
  const found = hessiansOf(record).flatMap((event) => {
    const value = HESSIAN_QUANTITIES[quantity](event);
    return value !== null && Number.isFinite(value) && value > 0 ? [{ step: event.step, value }] : [];
  });
  return { steps: found.map(({ step }) => step), values: found.map(({ value }) => value) };
}
