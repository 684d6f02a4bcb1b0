import { counted } from "#lib/numbers.ts";
import { VERDICTS } from "#report/format/text.ts";
import { effectText } from "#report/sections/answers/answers.ts";
import type { ClaimRow, UntestedClaim } from "#study/claims.ts";
import type { Summary } from "#results/summary.ts";
import { markdownTable } from "./markdown_table.ts";

/** The record of an exercise or a spec, as the page of claims names it. */
export interface ClaimRecord {
  /** The exercise's number or the spec's name. */
  readonly source: string;
  readonly summary: Summary;
  /** SHA-256 (hex) of its summary.json. */
  readonly digest: string;
}

/** `docs/claims.md`: claims with their verdicts, those that were not tested, and the records. */
export function claimsMarkdown(
  rows: readonly ClaimRow[],
  untested: readonly UntestedClaim[],
  records: readonly ClaimRecord[],
): string {
  const counts = [...Map.groupBy(rows, ({ verdict }) => verdict)]
    .map(([verdict, { length }]) => `${length} ${VERDICTS[verdict]}`).join(", ");
  return `# What the evidence says about common claims

Claims about learning-rate schedules, as courses and guides make them, each with the question of an exercise, or the arm
of a spec against its baseline, that tests it. ${counted(rows.length, "claim")}: ${counts}. Written by

    deno task claims FOLDER…

from records of the exercises; do not edit. Intervals are 95 % and hold together for all questions of an exercise
([evidence](evidence.md)). An effect is the first arm minus the second, in the unit that stands behind it; points are of
test accuracy, of Dice or boundary F1 where images have masks, of validation accuracy for sweeps, or of the share of runs that fail where the claim is about that. What is
found holds for networks and budgets of this size.

${markdownTable(["claim", "verdict", "effect [interval]", "arms", "seeds", "question"], rows.map(claimCells))}

## What the open ones would take

${markdownTable(["claim", "missing"], rows.flatMap(missingCells))}

## Not tested

${markdownTable(["claim", "reason"], untested.map(({ claim, because }) => [claim, because]))}

## Records

${
    markdownTable(
      ["exercise or spec", "data, training + validation + test", "model", "summary.json (SHA-256)"],
      records.map(recordCells),
    )
  }
`;
}

function claimCells(row: ClaimRow): string[] {
  const { claim, verdict, effect, interval, unit, difference, seeds, source } = row;
  return [
    claim,
    `_${VERDICTS[verdict]}_`,
    effect === null || interval === null ? "–" : effectText(effect, interval, unit),
    difference === null ? "" : difference.join(" − "),
    seeds === null ? "–" : String(seeds),
    source,
  ];
}

function missingCells({ claim, missing }: ClaimRow): string[][] {
  return missing === null ? [] : [[claim, missing]];
}

function recordCells({ source, summary: { name, dataset, model }, digest }: ClaimRecord): string[] {
  const { train, validation, test } = dataset;
  return [
    source === name ? name : `${source}: ${name}`,
    `${dataset.name}, ${train} + ${validation} + ${test}`,
    model,
    `\`${digest.slice(0, 16)}…\``,
  ];
}
