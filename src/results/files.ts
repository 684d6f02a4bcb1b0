import { z } from "zod";
import { resultFile } from "./file.ts";
import { asVersion2 } from "./upgrade.ts";

/**
 * `files.json`: the files that a finished run of a shard left. It is written after all of them: a run without it is not
 * finished, or was copied in part.
 */
export const filesFile = resultFile({
  name: "files.json",
  id: "files",
  schema: z.object({
    version: z.literal(2),
    files: z.array(z.object({
      name: z.string().describe("in the run's folder: events.jsonl, averages/ema.safetensors"),
      bytes: z.int().min(0),
      sha256: z.string().describe("hexadecimal"),
    })).min(1),
  }).describe("the files that a finished run of a shard left, written after all of them"),
  upgrade: asVersion2,
});
