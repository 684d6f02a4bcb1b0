import { set } from "#schedules/finding.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { AnyRule } from "./nodes.ts";

/** The largest change from one epoch to the next, as a part of the peak, that a curve should make. */
const COARSE = 0.25;

/** A curve that is asked once an epoch and has too few epochs for its shape. */
export const coarseUpdates: AnyRule = ({ spec, resolved, built, length, shape, context }) => {
  const { stepsPerEpoch } = shape;
  if (spec.update !== "epoch" || stepsPerEpoch === 1 || built.feedback !== null) return [];
  const fine = buildSchedule({ ...resolved, update: "step" }, shape, context).lr;
  const epochs = Math.min(1000, Math.ceil(length / stepsPerEpoch));
  const rates = Array.from({ length: epochs }, (_, epoch) => built.lr(epoch * stepsPerEpoch));
  const peak = Math.max(
    ...rates,
    ...Array.from({ length: 100 }, (_, k) => fine(Math.floor(k * length / 100))),
  );
  const jumps = rates.slice(1).map((rate, epoch) => ({ epoch, jump: Math.abs(rate - rates[epoch]!) }));
  // A drop that the schedule makes from one step to the next is its own, not the epoch's.
  const coarse = jumps.filter(({ epoch, jump }) =>
    jump > COARSE * peak && largestStep(fine, epoch * stepsPerEpoch, stepsPerEpoch) < jump / 2
  );
  if (coarse.length === 0) return [];
  const { epoch, jump } = coarse.reduce((a, b) => b.jump > a.jump ? b : a);
  return [{
    code: "coarse-updates",
    severity: "warning",
    why:
      `With update: epoch the rate jumps by ${
        Math.round(100 * jump / peak)
      } % of its peak from epoch ${epoch} to ` +
      `${epoch + 1}; the curve has too few epochs for its shape.`,
    source: "torch OneCycleLR and CyclicLR are stepped after each batch",
    suggestions: [set({ update: "step" })],
  }];
};

/** The largest change between two neighbouring steps of an epoch. */
function largestStep(lr: (step: number) => number, start: number, steps: number): number {
  let largest = 0;
  for (let step = start; step < start + steps; step++) {
    largest = Math.max(largest, Math.abs(lr(step + 1) - lr(step)));
  }
  return largest;
}
