import type { FormulaWriter, PythonFeedback } from "../frameworks/exports.ts";
import { py } from "../frameworks/python.ts";
import type { Plain } from "../param_types.ts";
import type { PARAMS } from "./formula.ts";

type Plateau = Plain<typeof PARAMS>;

/** The reductions as a Python class: the same operations in the same order, so that the rates are the same bits. */
export function pythonPlateau(v: Plateau, writer: FormulaWriter): PythonFeedback {
  const lr = v.lr ?? writer.firstRate(v.scales!);
  const [better, sign] = v.mode === "min" ? ["<", "-"] : [">", "+"];
  // A relative margin goes away from the best value, also where that is negative.
  const bound = v.threshold_mode === "rel"
    ? `self.best * (1 ${sign} math.copysign(${py(v.threshold)}, self.best))`
    : `self.best ${sign} ${py(v.threshold)}`;
  return {
    metric: v.metric,
    className: "Plateau",
    lines: [
      `"""The rate, which falls after more than ${v.patience} evaluations without improvement."""`,
      "",
      "def __init__(self):",
      `    self.lr, self.best, self.bad, self.cooldown = ${py(lr)}, None, 0, 0`,
      "",
      "def observe(self, metric):",
      "    better = math.isfinite(metric) and (",
      `        self.best is None or metric ${better} ${bound})`,
      "    if better:",
      "        self.best = metric",
      "    self.bad = 0 if better or self.cooldown > 0 else self.bad + 1",
      "    self.cooldown = max(0, self.cooldown - 1)",
      `    if self.bad > ${v.patience}:`,
      `        reduced = max(self.lr * ${py(v.factor)}, ${py(v.min_lr)})`,
      `        if self.lr - reduced > ${py(v.eps)}:`,
      "            self.lr = reduced",
      `        self.bad, self.cooldown = 0, ${v.cooldown}`,
    ],
    rate: v.scales === null
      ? ["return state.lr"]
      : [`return ${writer.schedule(v.scales)}(t) * (state.lr / ${py(lr)})`],
  };
}
