import { median } from "#lib/median.ts";
import type { SweepSummary } from "#results/summary.ts";
import type { Block, Figure } from "../../model.ts";
import { percent } from "./axes.ts";
import { sweepFigures } from "./charts.ts";
import { REGION_TEXT, regionFacts } from "./region.ts";

/** The sensitivity sweep of an experiment: its figures, then its best region. */
export function sensitivityBlocks(sweep: SweepSummary): Block[] {
  const [first, ...more] = sweepFigures(sweep);
  return [
    ...(first ? [titled(first, sweep)] : []),
    ...more.map((figure) => ({ ...figure, id: `sensitivity-${figure.id}` })),
    // A summary of an older version has no region.
    ...(sweep.region === null ? [] : [
      { kind: "text" as const, text: REGION_TEXT },
      { kind: "facts" as const, facts: regionFacts(sweep) },
    ]),
  ];
}

function titled(figure: Figure, sweep: SweepSummary): Figure {
  return {
    ...figure,
    id: "sensitivity",
    title: `How sensitive is “${sweep.arm}” to its settings?`,
    caption: figure.caption + noiseText(sweep),
  };
}

/**
 * Typical spread of one setting over seeds, below which differences between cells mean nothing. Cells whose runs all
 * guess have no spread, and are left out.
 */
function noiseText({ cells }: SweepSummary): string {
  const spreads = cells.flatMap(({ sd }) => sd === null || sd === 0 ? [] : sd);
  if (spreads.length === 0) return "";
  return ` One setting varies by about ${percent(median(spreads))} points between seeds.`;
}
