import { GOALS, TASKS, type TrainingFacts } from "#advise/facts.ts";

/** Steps of an epoch: the built-in data set in batches of 64, CIFAR-10 in batches of 128, and some that divide nothing. */
export const STEPS_PER_EPOCH = [125, 391, 100, 37, 10];
export const PRESET_STEPS_PER_EPOCH = [100, 125, 391];

/** Every goal with every task, lengths from one epoch on, known rates and drops. */
export function* answers(): Generator<TrainingFacts> {
  for (const goal of GOALS) {
    for (const task of TASKS) {
      for (const epochs of [1, 2, 3, 4, 5, 7, 10, 13, 30, 90, 100, 300]) {
        const drops = goal !== "known-drops"
          ? [[]]
          : [[1], [Math.floor(epochs / 2)], [0.3, 0.6, 0.8].map((part) => Math.round(part * epochs))];
        for (const drop of drops) {
          const ascending = drop.every((epoch, index) => epoch > (drop[index - 1] ?? 0) && epoch < epochs);
          if (!ascending) continue;
          for (const lr of [null, 1e-4, 0.05, 1]) yield { goal, task, epochs, drops: drop, lr };
        }
      }
    }
  }
}
