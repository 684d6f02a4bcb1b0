import type { Exercise } from "#lab/exercise.ts";

interface ExerciseEntry {
  readonly title: string;
  /** What messages about its spec call it. */
  readonly file: string;
  load(): Promise<Exercise>;
}

/** Every exercise. A new one is its two files and one entry. */
export const EXERCISES: Readonly<Record<string, ExerciseEntry>> = {
  "1": {
    title: "step decay against a tuned constant rate",
    file: "exercises/01_step_decay.yaml",
    load: async () => (await import("#exercises/01_step_decay.ts")).exercise,
  },
};
