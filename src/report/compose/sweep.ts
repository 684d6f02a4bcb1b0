import { deadLettersSection } from "../sections/dead_letters/dead_letters_section.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import type { Fact, Notice, Report } from "../model.ts";
import { counted, fixed, ranges } from "#lib/numbers.ts";
import { provenanceFacts, reproductionBlocks } from "../sections/setup/provenance.ts";
import { cellLabel, percent, scoreOfCells } from "../sections/sweep/axes.ts";
import { cellsFigure } from "../sections/sweep/cells_figure.ts";
import { sweepFigures } from "../sections/sweep/charts.ts";
import { REGION_TEXT, regionFacts } from "../sections/sweep/region.ts";
import { cellsTable, rungsTable } from "../sections/sweep/tables.ts";

/** A sweep as a report: its map, its cells against the best one and the best region; then the rest, folded. */
export function composeSweep(sweep: SweepOutcome): Report {
  const [map, ...charts] = sweepFigures(sweep);
  return {
    eyebrow: `LR Lab · sweep · ${sweep.name} · ${sweep.dataset.name} · ${sweep.provenance.at.slice(0, 10)}`,
    title: headline(sweep),
    summary: "",
    notices: notices(sweep),
    series: [],
    overview: [
      ...(map ? [map] : []),
      ...cellsFigure(sweep),
      { kind: "facts", facts: regionFacts(sweep) },
    ],
    sections: [
      { id: "cells", title: "Cells", brief: true, blocks: [cellsTable(sweep)] },
      ...(charts.length > 0 ? [{ id: "pictures", title: "Charts", brief: false, blocks: charts }] : []),
      ...(sweep.rungs.length > 1
        ? [{ id: "rounds", title: "Rungs", brief: true, blocks: [rungsTable(sweep)] }]
        : []),
      { id: "region", title: "Best region", brief: false, blocks: [{ kind: "text", text: HOW_TO_READ }] },
      ...deadLettersSection(sweep.provenance),
      {
        id: "setup",
        title: "Setup",
        brief: false,
        blocks: [
          { kind: "text", text: summaryOf(sweep) },
          { kind: "facts", facts: setupFacts(sweep) },
          ...reproductionBlocks(sweep.provenance.command, provenanceFacts(sweep)),
        ],
      },
    ],
  };
}

const HOW_TO_READ = `${REGION_TEXT} All numbers are of validation data; the test data are not read.`;

function headline(sweep: SweepOutcome): string {
  const { best, region, cells } = sweep;
  if (best === null || region === null) return "No cell has finished all its runs";
  const name = `“${cellLabel(sweep, best)}”`;
  const others = region.cells.length - 1;
  if (region.residual === null) {
    return `${name} has the highest ${scoreOfCells(sweep)}, ${
      percent(best.mean)
    } %; one seed is too few to detect differences`;
  }
  const compared = region.of === cells.length ? "cells" : "cells of the last rung";
  if (others === region.of - 1 && others > 0) {
    return `No detectable difference between the ${region.of} ${compared} in ${
      counted(region.seeds, "seed")
    }`;
  }
  if (others === 0) {
    const lower = cells.every(({ steady, mean }) => steady && mean !== null);
    const rest = lower ? "detectably above all others of" : "the only one in the best region, of";
    return `${name} is best: ${percent(best.mean)} %, ${rest} the ${compared}`;
  }
  return `${name} is best at ${percent(best.mean)} %, but ${others} of the other ${
    region.of - 1
  } ${compared} ` +
    `${others === 1 ? "is" : "are"} not detectably worse`;
}

function summaryOf({ request, cells, rungs, axes }: SweepOutcome): string {
  const size = `${counted(cells.length, "cell")} over ${
    axes.map(({ path }) => path).join(" and ")
  } of “${request.arm}”`;
  const choice = {
    grid: "every combination",
    random: `drawn at random with seed ${request.draw}`,
    halving:
      `${
        request.samples === null ? "every combination" : `drawn at random with seed ${request.draw}`
      }, then ` +
      `successive halving: ${rungs.length} rungs of equal budget, after each of which the best 1/${request.eta} continue`,
  }[request.method];
  return `${size}: ${choice}. ${
    rungs.length > 1 ? "Each cell of a rung" : "Each cell"
  } has the same budget and the same seeds.`;
}

function notices({ complete, stopped_early, warnings }: SweepOutcome): Notice[] {
  return [
    ...(complete ? [] : [{
      kind: "partial" as const,
      text:
        "The sweep was stopped before its end. This report is computed from the seeds that every cell has run.",
    }]),
    ...[...(stopped_early === null ? [] : [stopped_early]), ...warnings].map((text) => ({
      kind: "warning" as const,
      text,
    })),
  ];
}

function setupFacts({ dataset, model, request, rungs, spent }: SweepOutcome): Fact[] {
  return [
    {
      label: "Data",
      value: `${dataset.name}: ${fixed(dataset.train, 0)} training, ${
        fixed(dataset.validation, 0)
      } validation images`,
    },
    { label: "Model", value: model },
    {
      label: "Seeds",
      value: `${ranges(request.seeds)} (paired: runs with the same seed share initial weights and batches)`,
    },
    { label: "Length of a full run", value: request.duration },
    {
      label: "Budget",
      value: `${counted(spent.runs, "run")}, ${fixed(spent.steps, 0)} steps, ${
        fixed(spent.images, 0)
      } images${rungs.length > 1 ? `; ${fixed(rungs[0]!.images, 0)} images per rung` : ""}`,
    },
  ];
}
