import type { Exercise } from "#study/exercise.ts";
import type { TheoryExercise } from "#theory/claim.ts";

interface ExerciseEntry {
  readonly title: string;
  /** Name of its spec in messages. */
  readonly file: string;
  load(): Promise<Exercise>;
}

/** Exercise 0, which trains nothing: theory by simulation. */
export const THEORY = {
  number: "0",
  title: "theory that can be run",
  load: async (): Promise<TheoryExercise> => (await import("./00_theory/exercise.ts")).exercise,
};

/** Every exercise that trains. A new one is its two files and one entry. */
export const EXERCISES: Readonly<Record<string, ExerciseEntry>> = {
  "1": {
    title: "step decay against a tuned constant rate",
    file: "exercises/01_step_decay/spec.yaml",
    load: async () => (await import("./01_step_decay/exercise.ts")).exercise,
  },
  "2": {
    title: "cosine annealing against constant and step",
    file: "exercises/02_cosine/spec.yaml",
    load: async () => (await import("./02_cosine/exercise.ts")).exercise,
  },
  "3": {
    title: "linear and polynomial decay",
    file: "exercises/03_linear_polynomial/spec.yaml",
    load: async () => (await import("./03_linear_polynomial/exercise.ts")).exercise,
  },
  "4": {
    title: "warmup, with Adam and a large rate",
    file: "exercises/04_warmup/spec.yaml",
    load: async () => (await import("./04_warmup/exercise.ts")).exercise,
  },
  "5": {
    title: "warm restarts, snapshot ensembles and averages",
    file: "exercises/05_sgdr/spec.yaml",
    load: async () => (await import("./05_sgdr/exercise.ts")).exercise,
  },
  "6": {
    title: "one-cycle and cyclic rates with inverse momentum",
    file: "exercises/06_one_cycle/spec.yaml",
    load: async () => (await import("./06_one_cycle/exercise.ts")).exercise,
  },
  "7": {
    title: "plateau and adaptive restarts against fixed schedules",
    file: "exercises/07_feedback/spec.yaml",
    load: async () => (await import("./07_feedback/exercise.ts")).exercise,
  },
  "8": {
    title: "escape from a stuck checkpoint",
    file: "exercises/08_escape/spec.yaml",
    load: async () => (await import("./08_escape/exercise.ts")).exercise,
  },
  "9": {
    title: "losses that change while training, on masks",
    file: "exercises/09_losses/spec.yaml",
    load: async () => (await import("./09_losses/exercise.ts")).exercise,
  },
  "10": {
    title: "warmup in transformers, and what is said of it",
    file: "exercises/10_transformers/spec.yaml",
    load: async () => (await import("./10_transformers/exercise.ts")).exercise,
  },
  "11": {
    title: "WSD against cosine and linear to zero, branches, cooldowns, averages",
    file: "exercises/11_modern_schedules/spec.yaml",
    load: async () => (await import("./11_modern_schedules/exercise.ts")).exercise,
  },
  "12": {
    title: "schedule-free and Prodigy against tuned optimizers at equal budgets",
    file: "exercises/12_tuning_free/spec.yaml",
    load: async () => (await import("./12_tuning_free/exercise.ts")).exercise,
  },
};
