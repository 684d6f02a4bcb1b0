import { entry } from "../entry.ts";
import { greedy, PARAMS } from "./formula.ts";
import { evaluations, program, pythonGreedy } from "./state.ts";

export default entry({
  name: "greedy",
  summary: "Raises the rate while a metric improves, and reduces it while it does not.",
  params: PARAMS,
  formula: "lr/factor^(rises − reductions), each after more than `patience` evaluations of one kind in a row",
  first: "lr",
  last: "depends on the evaluations; between min_lr and max_lr",
  source: "Subramanian and Ganapathiraman, arXiv:2512.14527; transformers GreedyLR",
  label:
    "greedy {lr}, × or ÷ {factor} after {patience} evaluations of one kind[, smooth {smooth}][ over {window_size}]",
  sample: { name: "greedy", lr: 0.05, patience: 1 },
  build: (values) => greedy(values),
  exports: { program, feedback: pythonGreedy, evaluations },
});
