import { entry } from "../entry.ts";
import type { Rule } from "../finding.ts";
import { evaluations } from "./evaluations.ts";
import { PARAMS, plateau } from "./formula.ts";
import { program } from "./program.ts";

/** An accuracy that is watched as if it were a loss. */
const metricAgainstMode: Rule<typeof PARAMS> = ({ values: { metric, mode } }) => {
  if ((metric === "validation_accuracy") === (mode === "max")) return [];
  return [{
    code: "metric-against-mode",
    severity: "warning",
    why: `${metric} improves ${
      mode === "min" ? "upwards" : "downwards"
    }, but mode is ${mode}: every improvement counts as bad.`,
    source: "torch ReduceLROnPlateau has the same trap",
    suggestion: `mode: ${mode === "min" ? "max" : "min"}`,
  }];
};

export default entry({
  name: "plateau",
  summary: "Reduces the rate when a metric stops improving.",
  params: PARAMS,
  formula: "lr·factor^(reductions), one after more than `patience` evaluations without improvement",
  first: "lr",
  last: "depends on the evaluations; never below min_lr",
  source: "torch ReduceLROnPlateau; Keras counts one less and ignores one step of the cooldown",
  label: "plateau[ {lr}] × {factor} after {patience} bad evaluations[, on {scales}]",
  sample: { name: "plateau", lr: 0.1, patience: 2 },
  build: (values) => plateau(values),
  exports: { program, evaluations },
  lint: { rules: [metricAgainstMode] },
});
