import { z } from "zod";
import { benchmarkScores } from "./benchmark_scores.ts";
import { type DataOf, resultFile } from "./file.ts";
import { versions } from "./provenance.ts";
import { answer } from "./summary.ts";
import { asVersion2 } from "./upgrade.ts";

/** `benchmark.json`: all families of schedules over several workloads and lengths, each setting an experiment of its own. */
export const benchmarkFile = resultFile({
  name: "benchmark.json",
  id: "benchmark",
  schema: z.object({
    version: z.literal(2),
    kind: z.literal("benchmark"),
    name: z.string(),
    profile: z.string().describe("its size: quick, standard, full"),
    complete: z.boolean().describe("false where settings are missing"),
    provenance: z.object({
      at: z.string().describe("when the first setting was started, ISO 8601"),
      command: z.string().describe("the command that trained the first setting"),
      commit: z.string().nullable().describe(
        "of the lab's checkout that trained the settings, several with commas; null outside one",
      ),
      versions,
      wall_s: z.number().describe("seconds that training took, of all settings together"),
    }),
    scores: benchmarkScores,
    answers: z.array(answer).describe("questions that were written before the runs, by workload"),
  }).describe("the benchmark of all families of schedules"),
  upgrade: asVersion2,
});

export type Benchmark = DataOf<typeof benchmarkFile.schema>;
