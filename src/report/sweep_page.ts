import type { CellOutcome, SweepOutcome } from "#lab/sweep/summary.ts";
import type { Fact, Notice, Report, Row, Table } from "./model.ts";
import { counted, fixed, interval } from "./numbers.ts";
import { provenanceFacts } from "./setup.ts";
import { settingLabel } from "./settings.ts";
import { cellLabel, percent } from "./sweep_axes.ts";
import { sweepFigures } from "./sweep_charts.ts";

/** Rows of the table in the page and the terminal; the rest is in `sweep.json`. */
const MOST_ROWS = 30;

/** A sweep as a report: the best region first, then pictures, then every cell, then how it was made. */
export function composeSweep(sweep: SweepOutcome): Report {
  return {
    kicker: `LR Lab · sweep · ${sweep.name} · ${sweep.dataset.name} · ${sweep.made.at.slice(0, 10)}`,
    title: headline(sweep),
    lede: lede(sweep),
    notices: notices(sweep),
    series: [],
    sections: [
      {
        id: "region",
        title: "Best region",
        brief: true,
        blocks: [{ kind: "text", text: HOW_TO_READ }, { kind: "facts", facts: regionFacts(sweep) }],
      },
      { id: "pictures", title: "Pictures", brief: false, blocks: sweepFigures(sweep) },
      { id: "cells", title: "Cells", brief: true, blocks: [cellsTable(sweep)] },
      ...(sweep.rungs.length > 1
        ? [{ id: "rounds", title: "Rungs", brief: true, blocks: [rungsTable(sweep)] }]
        : []),
      {
        id: "setup",
        title: "Setup",
        brief: false,
        blocks: [
          { kind: "facts", facts: setupFacts(sweep) },
          { kind: "text", text: "The command that makes this report again:" },
          { kind: "command", text: sweep.made.command },
          { kind: "facts", facts: provenanceFacts(sweep) },
        ],
      },
    ],
  };
}

const HOW_TO_READ =
  "A sweep picks the highest of many noisy figures, so its best cell is partly lucky: its true accuracy is likely " +
  "lower than what is shown. What can be trusted is the region: the cells whose difference to the best has an interval " +
  "that includes zero. The intervals are paired over seeds, share one estimate of the noise, and hold together, " +
  "whichever cell came out on top. Cells are judged on validation data; test data is not read.";

function headline(sweep: SweepOutcome): string {
  const { best, region, cells } = sweep;
  if (best === null || region === null) return "No cell has finished all its runs";
  const name = `“${cellLabel(sweep, best)}”`;
  const others = region.cells.length - 1;
  if (region.residual === null) {
    return `${name} has the highest accuracy, ${
      percent(best.mean)
    } %; one seed cannot tell noise from difference`;
  }
  const compared = region.of === cells.length ? "cells" : "cells of the last rung";
  if (others === region.of - 1 && others > 0) {
    return `${counted(region.seeds, "seed")} do not tell the ${region.of} ${compared} apart`;
  }
  if (others === 0) {
    return `${name} is best: ${percent(best.mean)} %, detectably above every other of the ${compared}`;
  }
  return `${name} is best at ${percent(best.mean)} %, but ${others} of the other ${
    region.of - 1
  } ${compared} ` +
    "cannot be told apart from it";
}

function lede({ request, cells, rungs, axes }: SweepOutcome): string {
  const what = `${counted(cells.length, "cell")} over ${
    axes.map(({ path }) => path).join(" and ")
  } of “${request.arm}”`;
  const how = {
    grid: "every combination",
    random: `drawn at random with seed ${request.draw}`,
    halving:
      `${
        request.samples === null ? "every combination" : `drawn at random with seed ${request.draw}`
      }, then ` +
      `successive halving: ${rungs.length} rungs of equal budget, the best 1/${request.eta} go on`,
  }[request.method];
  return `${what}: ${how}. Each cell of a rung has the same budget and the same seeds.`;
}

function notices({ complete, stopped_early, warnings }: SweepOutcome): Notice[] {
  return [
    ...(complete ? [] : [{
      kind: "partial" as const,
      text:
        "The sweep was stopped before its end. What follows is computed from the seeds that every cell has run.",
    }]),
    ...[...(stopped_early === null ? [] : [stopped_early]), ...warnings].map((text) => ({
      kind: "warning" as const,
      text,
    })),
  ];
}

function regionFacts(sweep: SweepOutcome): Fact[] {
  const { best, region, cells } = sweep;
  if (best === null || region === null) return [{ label: "Best cell", value: "none has finished" }];
  const sd = cells.find(({ cell }) => cell === best.cell)?.sd ?? null;
  return [
    {
      label: "Best cell",
      value:
        `${cellLabel(sweep, best)}: ${percent(best.mean)} %${
          sd === null ? "" : ` ± ${percent(sd)}`
        } of validation ` +
        `images, ${counted(region.seeds, "seed")}`,
    },
    {
      label: "Cannot be told apart from it",
      value: `${region.cells.length - 1} of the other ${counted(region.of - 1, "cell")} of ${
        sweep.rungs.length > 1 ? "the last rung" : "the sweep"
      }`,
    },
    ...region.axes.map(({ values }, index) => ({
      label: `${sweep.axes[index]!.label} within the region`,
      value: rangeText(values, sweep.axes[index]!.values),
    })),
    ...(region.residual === null ? [] : [{
      label: "Noise",
      value: `${fixed(100 * region.residual, 1)} points from run to run, cell and seed accounted for`,
    }]),
    ...(region.detectable === null ? [] : [{
      label: "Smallest difference that shows",
      value: Number.isFinite(region.detectable)
        ? `${fixed(100 * region.detectable, 1)} points, in 8 of 10 such sweeps`
        : "none with so few seeds",
    }]),
  ];
}

/** `0.01 to 0.1`, or a list of words; says where it is all that was tried. */
function rangeText(values: readonly unknown[], tried: readonly unknown[]): string {
  const all = values.length === tried.length && tried.length > 1 ? " (all that was tried)" : "";
  const isRange = values.length > 1 && values.every((value) => typeof value === "number");
  const told = isRange
    ? `${settingLabel(values[0])} to ${settingLabel(values.at(-1))}`
    : values.map(settingLabel).join(", ");
  return told + all;
}

function cellsTable(sweep: SweepOutcome): Table {
  const halved = sweep.rungs.length > 1;
  const sorted = sweep.cells.toSorted((a, b) => b.rung - a.rung || (b.mean ?? -1) - (a.mean ?? -1));
  return {
    kind: "table",
    caption: `Cells by ${halved ? "rung and " : ""}validation accuracy`,
    columns: [
      { label: "cell", align: "right" },
      ...sweep.axes.map(({ label }) => ({ label, align: "right" as const })),
      ...(halved ? [{ label: "rung", align: "right" as const }] : []),
      { label: "accuracy (%)", align: "right" },
      { label: "sd", align: "right" },
      { label: "to the best (points)", align: "right" },
      { label: "interval", align: "right" },
      { label: "", align: "left" },
    ],
    keys: 1,
    rows: sorted.slice(0, MOST_ROWS).map((cell) => cellRow(cell, halved, sweep)),
    note: sorted.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${sorted.length}; sweep.json has all.` : "",
  };
}

function cellRow(cell: CellOutcome, halved: boolean, { best }: SweepOutcome): Row {
  const { mean, sd, difference, runs } = cell;
  const word = cell.cell === best?.cell
    ? "best"
    : runs.some(({ reason }) => reason === "diverged")
    ? "diverged"
    : cell.within
    ? "not told apart"
    : mean === null
    ? "not finished"
    : "lower";
  return {
    series: null,
    cells: [
      String(cell.cell),
      ...cell.values.map(settingLabel),
      ...(halved ? [String(cell.rung)] : []),
      percent(mean),
      percent(sd),
      difference === 0 ? "0.0" : percent(difference),
      difference === 0 ? "–" : interval(cell.interval, 1, 100),
      word,
    ],
  };
}

function rungsTable({ rungs }: SweepOutcome): Table {
  return {
    kind: "table",
    caption: "Rungs of equal budget",
    columns: [
      { label: "rung", align: "right" },
      { label: "length", align: "right" },
      { label: "cells", align: "right" },
      { label: "updates", align: "right" },
      { label: "images", align: "right" },
      { label: "dropped, though not told apart from the best", align: "right" },
    ],
    keys: 1,
    rows: rungs.map(({ rung, duration, cells, updates, images, dropped_within }, index) => ({
      series: null,
      cells: [
        String(rung),
        duration,
        String(cells.length),
        fixed(updates, 0),
        fixed(images, 0),
        index === rungs.length - 1 ? "–" : String(dropped_within.length),
      ],
    })),
    note:
      "A rung's cells are trained anew with the schedule planned for the rung's length: durations in epochs or steps " +
      "are scaled with it, factors per epoch are not.",
  };
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
    { label: "Seeds", value: `${request.seeds.join(", ")} (paired: same weights, same batches)` },
    { label: "Length of a full run", value: request.duration },
    {
      label: "Budget",
      value: `${counted(spent.runs, "run")}, ${fixed(spent.updates, 0)} updates, ${
        fixed(spent.images, 0)
      } images${rungs.length > 1 ? `; ${fixed(rungs[0]!.images, 0)} images a rung` : ""}`,
    },
  ];
}
