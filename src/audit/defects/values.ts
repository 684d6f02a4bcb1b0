import { type Case, type Explanation, fitting, short } from "../case.ts";
import type { Defect } from "./entry.ts";

/** A factor within this of a whole number, its inverse or its root is one. */
const NEAR = 0.002;

/** The whole number, or its inverse, that a factor is near. */
const wholeFactor = (times: number): number =>
  times > 1 ? Math.round(times) : 1 / Math.round(1 / Math.max(times, 1e-9));

/** The usual cause of such a factor, in words. */
function factorText(times: number): string {
  const isWhole = (value: number) => value > 1.5 && Math.abs(value - Math.round(value)) < NEAR * value;
  if (isWhole(times)) {
    return `: multiplied by ${Math.round(times)}, as by the number of processes or accumulated batches`;
  }
  if (isWhole(1 / times)) {
    return `: divided by ${Math.round(1 / times)}, as by the number of processes or accumulated batches`;
  }
  if (isWhole(times ** 2)) {
    return `: multiplied by the root of ${Math.round(times ** 2)}, as for a larger batch`;
  }
  return "";
}

export const rateScaled: Defect = {
  code: "rate-scaled",
  title: "every rate is a multiple of the planned one",
  threads: ["open-mmlab/mmdetection#3079", "Divadi/SOLOFusion#8", "mosaicml/diffusion#17"],
  mend: {
    PyTorch: "optimizer = AdamW(parameters, lr=lr)  # not lr * world_size",
    mmdetection: "leave out --auto-scale-lr, or plan the rate that it gives",
  },
  against: (given) => {
    const { log, plan } = given;
    const planned = log.steps.map((step) => plan.rate(step));
    const top = planned.reduce((most, rate, i) => rate > planned[most]! ? i : most, 0);
    const lowest = [...log.rates, ...planned].reduce((least, rate) => Math.min(least, rate), Infinity);
    for (const base of log.mayCountFromOne ? [0, 1] : [0]) {
      const peak = plan.rate(Math.max(0, log.steps[top]! - base));
      if (!(peak > 0)) continue;
      const measured = log.rates[top]! / peak;
      if (!(measured > 0) || Math.abs(measured - 1) < NEAR) continue;
      for (const times of [wholeFactor(measured), measured]) {
        const about = (low: number) => (t: number) =>
          low + (times * peak - low) / (peak - low) * (plan.rate(t) - low);
        // A minimum that is written as a number keeps its value.
        for (const low of [0, lowest, plan.end === null ? 0 : plan.after(plan.end)]) {
          const rate = peak === low ? null : fitting(given, about(low));
          if (rate !== null) {
            return { what: `The rate is ${short(times)} times the planned one${factorText(times)}.`, rate };
          }
        }
      }
    }
    return null;
  },
};

export const belowZero: Defect = {
  code: "below-zero",
  title: "the rate falls below zero",
  threads: ["nathanhubens/Learning-Rate#7"],
  mend: { PyTorch: "LambdaLR(optimizer, lambda t: max(0.0, 1 - t / total_steps))" },
  against: ({ log }) => below(log),
  alone: ({ log }) => {
    const found = below(log);
    return found === null ? null : { certainty: "named", what: found.what, needs: null };
  },
};

/** The account of rates below zero, which needs neither plan nor schedule. */
export function below(log: Case["log"]): Explanation | null {
  const at = log.rates.findIndex((rate, i) => rate < -log.tolerances[i]!);
  if (at < 0) return null;
  return {
    what: `The rate is ${short(log.rates[at]!)} at step ${log.steps[at]} and below zero from there on: ` +
      "a line that is not held at its end, so that training climbs.",
    rate: (step) => log.rates[log.steps.indexOf(step)] ?? NaN,
  };
}
