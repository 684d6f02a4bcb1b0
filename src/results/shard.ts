import { z } from "zod";
import { type DataOf, resultFile } from "./file.ts";
import { ramp, rule } from "./lr_range.ts";
import { originFile } from "./origin.ts";
import { device, versions } from "./provenance.ts";
import { sweepRequest } from "./sweep.ts";
import { asVersion2 } from "./upgrade.ts";

const study = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("experiment") }),
  z.object({ kind: z.literal("sweep"), request: sweepRequest }),
  z.object({
    kind: z.literal("range test"),
    request: z.object({ ramp, smoothing: z.number(), checkSteps: z.number(), rule }),
  }),
]).describe("what was asked for beside the spec");

/**
 * `shard.json`: the part of a study that a folder holds, and all that the parts of one study have in common. Together with
 * `spec.yaml` it says which runs there are.
 */
export const shardFile = resultFile({
  name: "shard.json",
  id: "shard",
  schema: z.object({
    version: z.literal(2),
    shard: z.int().min(1).describe("this one's number, from 1 on"),
    of: z.int().min(1).describe("shards that the study is split into"),
    at: z.string().describe("when it was begun, ISO 8601"),
    jobs: z.int().min(1).describe("runs at a time"),
    study,
    spec_digest: z.string().describe("SHA-256 (hex) of spec.yaml"),
    data_digest: z.string().describe("SHA-256 (hex) of the training data"),
    device,
    commit: z.string().nullable().describe("of the lab's checkout; null outside one"),
    versions,
    origin: originFile.schema,
  }).describe("one shard of a study, and what all of its shards have in common"),
  upgrade: asVersion2,
});

export type Shard = DataOf<typeof shardFile.schema>;
/** The request beside the spec, of studies that can be split. */
export type SplitStudy = Shard["study"];
