import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type Answer, TREE } from "./answer.ts";
import type { Task } from "./facts.ts";

/**
 * What docs/benchmark.md has about families that are recommended, or were: mean rank of all seventeen over its settings,
 * with an interval. A test holds every line to that page.
 */
export const MEAN_RANKS = {
  "WSD, linear": "4.4 [3.4, 5.4]",
  linear: "5.6 [4.7, 6.5]",
  "cosine to 10 %": "6.7 [5.8, 7.7]",
  cosine: "8.3 [7.3, 9.3]",
  plateau: "9.3 [8.2, 10.5]",
  "one-cycle": "8.4 [7.3, 9.4]",
  step: "15.2 [14.5, 15.8]",
} as const;

const BENCHMARK = "docs/benchmark.md";

/** The tasks that the benchmark trains: networks from scratch. */
export const isMeasured = (task: Task): boolean => task === "cnn" || task === "transformer";

/** Mean ranks as a reason has them. */
export const ranked = (...families: readonly (keyof typeof MEAN_RANKS)[]): string =>
  `mean rank of 17 families in the lab's benchmark: ${
    families.map((family) => `${family} ${MEAN_RANKS[family]}`).join(", ")
  }`;

/** The benchmark's ramp, and a schedule after it. */
const ramped = (then: ScheduleSpec): ScheduleSpec => ({
  name: "warmup",
  duration: "5%",
  skip_zero: true,
  then,
});

/** In place of the tree's plateau. */
export const stable = (lr: number): Answer => ({
  schedule: ramped({ name: "wsd", lr, warmup: "0%", stable: "75%", decay: "20%" }),
  because: "Unsure what will work: a short warmup, a stable rate, and a line to 0 over the last fifth (WSD).",
  source: `${BENCHMARK}, in place of the plateau in ${TREE}`,
  more: [
    ranked("WSD, linear", "plateau"),
    "the stable part can go on for longer, and the last fifth come later",
  ],
});

/** In place of the tree's one-cycle. */
export const straight = (lr: number): Answer => ({
  schedule: ramped({ name: "linear", lr, end_lr: 0, duration: "95%" }),
  because: "As fast as possible: a short warmup, then a line to 0 that ends with the run, however short.",
  source: `${BENCHMARK}, in place of the one cycle in ${TREE}`,
  more: [ranked("linear", "one-cycle")],
});

/** In place of the tree's cosine to a tenth: 10 epochs of warmup in a long run, a tenth of a short one. */
export function transformer(lr: number, epochs: number): Answer {
  const fall = Math.round(epochs / 5);
  const [warmup, stable, decay] = epochs < 100
    ? ["10%", "70%", "20%"]
    : ["10 epochs", `${epochs - fall - 10} epochs`, `${fall} epochs`];
  return {
    schedule: {
      name: "warmup",
      duration: warmup,
      skip_zero: true,
      then: { name: "wsd", lr, warmup: "0%", stable, decay },
    },
    because: "A transformer: warmup, a stable rate, then a line to 0 over the last fifth (WSD).",
    source: `${BENCHMARK}, in place of cosine to a tenth in ${TREE}`,
    more: [ranked("WSD, linear", "cosine to 10 %", "cosine")],
  };
}
