import { entry } from "../entry.ts";
import { evaluations } from "./evaluations.ts";
import { PARAMS, plateau } from "./formula.ts";
import { RULES } from "./rules.ts";
import { program } from "./program.ts";
import { pythonPlateau } from "./state.ts";

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
  exports: { program, feedback: pythonPlateau, evaluations },
  lint: { rules: RULES },
});
