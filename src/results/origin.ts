import { z } from "zod";
import { type DataOf, resultFile } from "./file.ts";
import { device } from "./provenance.ts";
import { asVersion2, renamed } from "./upgrade.ts";

/** `origin.json`: how an experiment was asked for, beside its spec. Paths are relative to the experiment's folder. */
export const originFile = resultFile({
  name: "origin.json",
  id: "origin",
  schema: z.object({
    version: z.literal(2),
    command: z.string().describe("the command that makes the experiment again"),
    exercise: z.string().nullable().describe("the exercise whose questions the report answers"),
    introduction: z.string(),
    folder: z.string().describe("what the spec's modules and checkpoint files are relative to"),
    data_dir: z.string().nullable().default(null)
      .describe("null for the folder that is looked into where none is named"),
    backend: device.shape.backend.nullable().default(null)
      .describe("what it trains on; null where an early version of the lab did not write it down"),
    threads: z.int().min(1).nullable().default(null).describe(
      "that share each batch; null as for the backend",
    ),
  }).describe("how an experiment was asked for"),
  upgrade: (data) => asVersion2(renamed(data, { lede: "introduction" })),
});

export type OriginData = DataOf<typeof originFile.schema>;
