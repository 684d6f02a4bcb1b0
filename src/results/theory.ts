import { z } from "zod";
import { type DataOf, resultFile } from "./file.ts";
import { schedule } from "./parts.ts";
import { versions } from "./provenance.ts";
import { asVersion2, renamed } from "./upgrade.ts";

const number = z.number();
const numbers = z.array(number);
const interval = z.tuple([number, number]);
const estimate = z.object({ value: number, interval });
const withExact = z.object({ exact: number, value: number, interval });
const text = z.string();

const answer = z.object({
  question: text,
  hypothesis: text,
  verdict: z.enum(["supported", "contradicted", "inconclusive"]),
  effect: number,
  interval: interval.nullable(),
  finding: text,
  text,
});

const floor = z.object({
  momentum: number.min(0).lt(1),
  rate: number.positive(),
  sharpness: number.positive(),
  steps: number,
  chains: number,
  formula: number.positive(),
  measured: estimate,
});

const distribution = z.object({
  noise: z.enum(["normal", "coin"]),
  sharpness: number,
  rate: number,
  chains: number,
  steps: number,
  deviation: number.positive(),
  varianceRatio: number,
  histogram: z.object({ edges: numbers.min(2), density: numbers.min(1) }),
  distance: number,
  interval,
  critical: number,
});

const sums = z.object({
  steps: numbers.min(1),
  total: numbers.min(1),
  added: numbers.min(1),
  growth: number,
  diverges: z.boolean(),
});

const conditions = z.object({
  name: text,
  rates: sums,
  squares: sums,
  checker: z.object({ sumDiverges: z.boolean(), squaresConverge: z.boolean() }).nullable(),
});

const trajectory = z.object({
  name: text,
  schedule,
  averageFrom: number.nullable(),
  curve: z.object({ steps: numbers.min(1), error: numbers.min(1) }),
  steps: numbers.min(1),
  exact: numbers.min(1),
  measured: z.array(estimate).min(1),
  startLeft: withExact,
  slope: withExact,
});

const study = z.object({
  problem: z.object({ curvature: number.positive(), noise: number.positive(), start: number }),
  seed: number,
  chains: z.object({ floors: number, distributions: number, trajectories: number }),
  trajectorySteps: number.min(1),
  floors: z.array(floor).min(1),
  distributions: z.array(distribution),
  conditions: z.array(conditions),
  trajectories: z.array(trajectory),
  ends: z.array(withExact.extend({ name: text, against: text })),
});

/** `summary.json` of exercise 0, from which its report can be made again. */
export const theoryFile = resultFile({
  name: "summary.json",
  id: "theory",
  schema: z.object({
    version: z.literal(2),
    kind: z.literal("theory").describe("distinguishes it from the summary of an experiment that trains"),
    name: text,
    introduction: text,
    provenance: z.object({
      at: text,
      command: text,
      commit: text.nullable(),
      versions,
      wall_s: number,
    }),
    answers: z.array(answer),
    study,
  }).describe("the results of exercise 0, which simulates and trains nothing"),
  upgrade: (data) => asVersion2(renamed(data, VERSION_1, ["schedule"])),
});

const VERSION_1 = {
  made: "provenance",
  lede: "introduction",
  updates: "steps",
  courses: "trajectories",
  courseUpdates: "trajectorySteps",
};

export type TheorySummary = DataOf<typeof theoryFile.schema>;
