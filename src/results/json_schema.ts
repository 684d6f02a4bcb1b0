import { z } from "zod";
import { trainEvent } from "#train/events_schema.ts";
import { benchmarkFile } from "./benchmark.ts";
import { judgementFile } from "./judgement.ts";
import { lossLawFile } from "./loss_law.ts";
import { rangeTestFile } from "./lr_range.ts";
import { originFile } from "./origin.ts";
import { plansFile, runFile } from "./run.ts";
import { filesFile } from "./files.ts";
import { shardFile } from "./shard.ts";
import { summaryFile } from "./summary.ts";
import { sweepFile } from "./sweep.ts";
import { theoryFile } from "./theory.ts";

/** The JSON Schema (draft 2020-12) of every file that the lab leaves, by the name under which it is published. */
export function resultJsonSchemas(): ReadonlyMap<string, object> {
  const files = [
    summaryFile,
    sweepFile,
    rangeTestFile,
    theoryFile,
    judgementFile,
    benchmarkFile,
    lossLawFile,
    runFile,
    plansFile,
    originFile,
    shardFile,
    filesFile,
  ];
  return new Map([
    ...files.map(({ id, schema }): [string, object] => [id, schemaOf(schema)]),
    // One line of events.jsonl.
    ["event", schemaOf(trainEvent)],
  ]);
}

function schemaOf(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}
