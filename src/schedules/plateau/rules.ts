import { rounded } from "#lib/numbers.ts";
import { type Rule, set } from "../finding.ts";
import type { PARAMS } from "./formula.ts";

type PlateauRule = Rule<typeof PARAMS>;
/** An accuracy that is watched as if it were a loss. */
const metricAgainstMode: PlateauRule = ({ values: { metric, mode } }) => {
  if ((metric === "validation_accuracy") === (mode === "max")) return [];
  return [{
    code: "metric-against-mode",
    severity: "warning",
    why: `${metric} improves ${
      mode === "min" ? "upwards" : "downwards"
    }, but mode is ${mode}: every improvement counts as bad.`,
    source: "torch ReduceLROnPlateau has the same trap",
    suggestions: [set({ mode: mode === "min" ? "max" : "min" })],
  }];
};

/** More patience than the run has evaluations. The first one sets the best value; a reduction needs a step after it. */
const tooPatient: PlateauRule = ({ values: { patience }, length, shape, facts }) => {
  const every = facts.evalEvery ?? shape.stepsPerEpoch;
  const useful = Math.ceil(length / every) - 1;
  if (patience + 2 <= useful) return [];
  const fitting = Math.max(0, Math.min(useful - 2, Math.round(useful / 10)));
  const often = Math.max(1, Math.floor(length / Math.max(10 * (patience + 1), 3)));
  return [{
    code: "drop-after-end",
    severity: "warning",
    why: `The rate falls after ${patience + 1} evaluations without improvement, but the run has ${
      useful + 1
    } in all, the first of which sets the best value: it never falls.`,
    source: "torch ReduceLROnPlateau has a patience of 10 by default",
    suggestions: [
      set({ patience: fitting }),
      { kind: "run", facts: { evalEvery: often }, text: `eval_every: ${often} steps` },
    ],
  }];
};

/** A reduction that is too small to be made, or hardly any. */
const noRoom: PlateauRule = ({ spec, values: { factor, min_lr, eps }, built }) => {
  const lr = built.lr(0);
  const reduced = Math.max(lr * factor, min_lr);
  if (lr - reduced <= eps && min_lr < lr / 2) {
    return [{
      code: "plateau-cannot-reduce",
      severity: "warning",
      why: `The first reduction, from ${rounded(lr)} to ${
        rounded(reduced)
      }, is no larger than eps (${eps}), so none is made.`,
      source: "torch ReduceLROnPlateau has the same trap with rates near 1e-8",
      suggestions: [set({ eps: 0 })],
    }];
  }
  if (min_lr < lr / 2 || factor > 0.5) return [];
  return [{
    code: "plateau-cannot-reduce",
    severity: "warning",
    why: `min_lr (${min_lr}) leaves no room below the rate (${rounded(lr)}): the reductions end there.`,
    source: "torch ReduceLROnPlateau",
    suggestions: spec.min_lr === undefined ? [] : [set({ min_lr: rounded(lr / 1000) })],
  }];
};

/** With a relative threshold of 1 and more no loss above 0 is ever an improvement. */
const hugeThreshold: PlateauRule = ({ values: { threshold, threshold_mode, mode } }) => {
  if (threshold_mode !== "rel" || mode !== "min" || threshold < 0.5) return [];
  return [{
    code: "plateau-threshold",
    severity: "warning",
    why: `Only a fall of the metric by ${rounded(100 * threshold)} % counts as an improvement.`,
    source: "torch ReduceLROnPlateau: 1e-4 by default",
    suggestions: [set({ threshold: undefined })],
  }];
};

export const RULES: readonly PlateauRule[] = [metricAgainstMode, tooPatient, noRoom, hugeThreshold];
