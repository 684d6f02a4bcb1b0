import type { Exercise } from "#lab/exercise.ts";
import type { TheoryExercise } from "#theory/claim.ts";

interface ExerciseEntry {
  readonly title: string;
  /** What messages about its spec call it. */
  readonly file: string;
  load(): Promise<Exercise>;
}

/** Exercise 0, which trains nothing: theory by simulation. */
export const THEORY = {
  number: "0",
  title: "theory that can be run",
  load: async (): Promise<TheoryExercise> => (await import("#exercises/00_theory.ts")).exercise,
};

/** Every exercise that trains. A new one is its two files and one entry. */
export const EXERCISES: Readonly<Record<string, ExerciseEntry>> = {
  "1": {
    title: "step decay against a tuned constant rate",
    file: "exercises/01_step_decay.yaml",
    load: async () => (await import("#exercises/01_step_decay.ts")).exercise,
  },
  "2": {
    title: "cosine annealing against constant and step",
    file: "exercises/02_cosine.yaml",
    load: async () => (await import("#exercises/02_cosine.ts")).exercise,
  },
  "3": {
    title: "linear and polynomial decay",
    file: "exercises/03_linear_polynomial.yaml",
    load: async () => (await import("#exercises/03_linear_polynomial.ts")).exercise,
  },
  "4": {
    title: "warmup, with Adam and a large rate",
    file: "exercises/04_warmup.yaml",
    load: async () => (await import("#exercises/04_warmup.ts")).exercise,
  },
  "5": {
    title: "warm restarts, snapshot ensembles and averages",
    file: "exercises/05_sgdr.yaml",
    load: async () => (await import("#exercises/05_sgdr.ts")).exercise,
  },
  "6": {
    title: "one-cycle and cyclic rates with inverse momentum",
    file: "exercises/06_one_cycle.yaml",
    load: async () => (await import("#exercises/06_one_cycle.ts")).exercise,
  },
  "7": {
    title: "plateau and adaptive restarts against fixed schedules",
    file: "exercises/07_feedback.yaml",
    load: async () => (await import("#exercises/07_feedback.ts")).exercise,
  },
  "8": {
    title: "escape from a stuck checkpoint",
    file: "exercises/08_escape.yaml",
    load: async () => (await import("#exercises/08_escape.ts")).exercise,
  },
};
