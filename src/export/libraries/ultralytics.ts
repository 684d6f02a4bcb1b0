import { type Arguments, define } from "../python/arguments.ts";
import type { Scheduler } from "../python/evaluate.ts";

/**
 * Rates of Ultralytics' trainer (for all weights but biases), which holds them within an epoch; a warmup rises by the
 * step to the epoch's rate.
 */
function train(v: Arguments, stepsPerEpoch: number): Scheduler {
  const [first, last, epochs] = [v.number("lr0"), v.number("lrf"), v.number("epochs")];
  const factor = v.flag("cos_lr")
    ? (epoch: number) => Math.max((1 - Math.cos(epoch * Math.PI / epochs)) / 2, 0) * (last - 1) + 1
    : (epoch: number) => Math.max(1 - epoch / epochs, 0) * (1 - last) + last;
  const warmup = v.number("warmup_epochs") > 0
    ? Math.max(Math.round(v.number("warmup_epochs") * stepsPerEpoch), 100)
    : 0;
  return {
    kind: "scheduler",
    rate: (t) => {
      const rate = first * factor(Math.floor(t / stepsPerEpoch));
      return t < warmup ? rate * t / warmup : rate;
    },
  };
}

/** The arguments of Ultralytics' `train` that say its rates. */
export const ultralytics = (stepsPerEpoch: number) => [
  define(
    "model.train(epochs=100, lr0=0.01, lrf=0.01, cos_lr=False, warmup_epochs=3.0)",
    (v) => train(v, stepsPerEpoch),
  ),
];
