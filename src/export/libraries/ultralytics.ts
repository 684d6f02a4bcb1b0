import { type Arguments, define } from "../python/arguments.ts";
import type { Scheduler } from "../python/evaluate.ts";

/**
 * Rates of Ultralytics' trainer (for all weights but biases), which holds them within an epoch; a warmup rises by the
 * step to the epoch's rate, and leaves the last epoch to the schedule (until 2025 it took at least 100 steps).
 */
function train(v: Arguments, stepsPerEpoch: number): Scheduler {
  const [first, last, epochs] = [v.number("lr0"), v.number("lrf"), v.number("epochs")];
  const factor = v.flag("cos_lr")
    ? (epoch: number) => Math.max((1 - Math.cos(epoch * Math.PI / epochs)) / 2, 0) * (last - 1) + 1
    : (epoch: number) => Math.max(1 - epoch / epochs, 0) * (1 - last) + last;
  const warmupEpochs = Math.min(v.number("warmup_epochs"), Math.max(epochs - 1, 0));
  const warmup = warmupEpochs > 0 ? roundToEven(warmupEpochs * stepsPerEpoch) : 0;
  const ofEpoch = (t: number) => first * factor(Math.floor(t / stepsPerEpoch));
  // The warmup's last rate stays until an epoch begins.
  const held = Math.ceil(warmup / stepsPerEpoch) * stepsPerEpoch;
  return {
    kind: "scheduler",
    rate: (t) => t < held ? ofEpoch(t) * Math.min(t, warmup - 1) / warmup : ofEpoch(t),
  };
}

/** Python's `round`: a half goes to the even neighbour. */
const roundToEven = (value: number): number =>
  value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);

/** The arguments of Ultralytics' `train` that say its rates. */
export const ultralytics = (stepsPerEpoch: number) => [
  define(
    "model.train(epochs=100, lr0=0.01, lrf=0.01, cos_lr=False, warmup_epochs=3.0)",
    (v) => train(v, stepsPerEpoch),
  ),
];
