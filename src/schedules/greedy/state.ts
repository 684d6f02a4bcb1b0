import type { Evaluations, ProgramRun, PythonFeedback } from "../frameworks/exports.ts";
import { torchClass, torchOptimizer } from "../frameworks/optimizer.ts";
import { kwargs, py, real } from "../frameworks/python.ts";
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
      ...(v.smooth ? ["    self.window = []"] : []),
      "",
      "def observe(self, metric):",
      ...(v.smooth
        ? [
          `    self.window = [*self.window, metric][-${v.window_size}:]`,
          "    metric = sum(self.window) / len(self.window)",
        ]
        : []),
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

/** transformers' own call, with the same numbers in the same places. */
function call(v: Plain<typeof PARAMS>): string {
  const { mode, factor, patience, threshold, threshold_mode, cooldown, warmup, min_lr, max_lr, eps } = v;
  const { smooth, window_size, reset_start } = v;
  const smoothing = smooth ? { smooth, window_size } : {};
  const counts = { patience, cooldown };
  const values = { mode, factor, ...counts, threshold, threshold_mode, min_lr, max_lr, eps, ...smoothing };
  return `get_greedy_schedule(optimizer, ${kwargs(values)}, warmup=${warmup}, reset_start=${reset_start})`;
}

/** Lines of a program with transformers' GreedyLR; `null` for another framework, which gets the class above. */
export function program(v: Plain<typeof PARAMS>, { framework, optimizer }: ProgramRun): string[] | null {
  if (framework !== "transformers") return null;
  return [
    `from torch.optim import ${torchClass(optimizer)}`,
    "from transformers.optimization import get_greedy_schedule",
    "",
    `optimizer = ${torchOptimizer(optimizer, real(v.lr))}`,
    `scheduler = ${call(v)}`,
    `# after each evaluation: scheduler.step(${v.metric})`,
  ];
}

/** A metric between 0 and 1 that improves, stalls, improves again and gets worse, each for longer than the patience. */
function metricsOf({ mode, patience, cooldown, warmup }: Plain<typeof PARAMS>): number[] {
  const length = Math.min(100, patience + Math.max(cooldown, warmup) + 2);
  const stretch = (from: number, to: number) =>
    Array.from({ length }, (_, index) => from + (to - from) * index / length);
  const falling = [stretch(0.9, 0.7), stretch(0.7, 0.7), stretch(0.7, 0.4), stretch(0.5, 0.8)].flat();
  return mode === "min" ? falling : falling.map((value) => 1 - value);
}

/** The comparison with transformers: its relative threshold loosens for negative values, which these are not. */
export const evaluations = (v: Plain<typeof PARAMS>): Evaluations => ({
  metrics: metricsOf(v),
  lookalikes: { transformers: { call: call(v), why: "" } },
});
