import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import type { Section } from "../../model.ts";
import { schedulesTable } from "./optimizer_text.ts";
import { provenanceFacts, reproductionBlocks } from "./provenance.ts";
import { setupFacts } from "./setup_facts.ts";

/** Subject, settings and origin of an experiment, and the command that repeats it. */
export function setupSection(summary: Summary, records: readonly RunRecord[]): Section {
  return {
    id: "setup",
    title: "Setup",
    brief: false,
    blocks: [
      ...(summary.introduction === "" ? [] : [{ kind: "text" as const, text: summary.introduction }]),
      { kind: "facts", facts: setupFacts(summary, records) },
      schedulesTable(summary),
      ...reproductionBlocks(summary.provenance.command, provenanceFacts(summary)),
    ],
  };
}
