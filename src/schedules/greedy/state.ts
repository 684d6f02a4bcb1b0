import type { PythonFeedback } from "../frameworks/exports.ts";
import { py } from "../frameworks/python.ts";
import type { Plain } from "../param_types.ts";
import type { PARAMS } from "./formula.ts";

/** The rises and reductions as a Python class, the same operations in the same order. */
export function pythonGreedy(v: Plain<typeof PARAMS>): PythonFeedback {
  const [better, sign] = v.mode === "min" ? ["<", "-"] : [">", "+"];
  const bound = v.threshold_mode === "rel"
    ? `self.best * (1 ${sign} math.copysign(${py(v.threshold)}, self.best))`
    : `self.best ${sign} ${py(v.threshold)}`;
  return {
    metric: v.metric,
    className: "Greedy",
    lines: [
      `"""The rate, which rises and falls after more than ${v.patience} evaluations of one kind in a row."""`,
      "",
      "def __init__(self):",
      "    self.reset()",
      "",
      "def reset(self):",
      `    self.lr, self.best, self.bad, self.good = ${py(v.lr)}, None, 0, 0`,
      `    self.cooldown, self.warmup, self.until_reset = 0, 0, ${v.reset_start}`,
      "",
      "def observe(self, metric):",
      "    if self.cooldown > 0 or self.warmup > 0:",
      "        self.bad, self.good = 0, 0",
      "        self.cooldown, self.warmup = (",
      "            (self.cooldown - 1, self.warmup) if self.cooldown > 0 else (0, self.warmup - 1))",
      "        return",
      `    if math.isfinite(metric) and (self.best is None or metric ${better} ${bound}):`,
      "        self.best, self.bad, self.good = metric, 0, self.good + 1",
      "    else:",
      "        self.bad, self.good = self.bad + 1, 0",
      `    if self.good > ${v.patience}:`,
      `        raised = min(self.lr / ${py(v.factor)}, ${py(v.max_lr)})`,
      `        if raised - self.lr > ${py(v.eps)}:`,
      "            self.lr = raised",
      `        self.good, self.warmup, self.until_reset = 0, ${v.warmup}, ${v.reset_start}`,
      `    elif self.bad > ${v.patience}:`,
      `        lower = max(self.lr * ${py(v.factor)}, ${py(v.min_lr)})`,
      `        if self.lr - lower > ${py(v.eps)}:`,
      "            self.lr = lower",
      `        if self.lr <= ${py(v.min_lr)}:`,
      "            self.until_reset -= 1",
      "            if self.until_reset <= 0:",
      "                self.reset()",
      `        self.bad, self.cooldown = 0, ${v.cooldown}`,
    ],
    rate: ["return state.lr"],
  };
}
