import type { Summary } from "#results/summary.ts";
import { averagesTable } from "../ensembles/averages_table.ts";
import type { ArmRuns } from "../curves/curve_figures.ts";
import { dropBlocks } from "../restarts/drop_blocks.ts";
import { ensembleBlocks } from "../ensembles/ensemble_blocks.ts";
import type { Section } from "../../model.ts";
import { probeBlocks } from "./probe_figures.ts";
import {
  bestByCycleFigure,
  leavingFigure,
  lossAroundRestartsFigure,
  pathsFigure,
  sharpnessFigure,
} from "../restarts/restart_figures.ts";
import { pathsTable, restartsTable } from "../restarts/restart_tables.ts";

/** What happened within the runs: their first steps, drops, restarts, and what was made of their weights. */
export function updateStatisticsSections(summary: Summary, arms: readonly ArmRuns[]): Section[] {
  return [
    ...probeSection(summary, arms),
    ...dropsSection(summary, arms),
    ...restartsSection(summary, arms),
    ...modelsSection(summary),
  ];
}

function dropsSection({ dataset }: Summary, arms: readonly ArmRuns[]): Section[] {
  const blocks = dropBlocks(arms, dataset.validation);
  return blocks.length === 0 ? [] : [{ id: "drops", title: "Drops", brief: false, blocks }];
}

function modelsSection(summary: Summary): Section[] {
  const blocks = [...ensembleBlocks(summary), ...averagesTable(summary)];
  return blocks.length === 0 ? [] : [{ id: "models", title: "Models", brief: true, blocks }];
}

function probeSection(summary: Summary, arms: readonly ArmRuns[]): Section[] {
  const failed = new Map(
    summary.arms.map(({ name, runs }) => [name, runs.filter((run) => run.failed ?? run.diverged).length]),
  );
  const blocks = probeBlocks(arms, failed);
  return blocks.length === 0 ? [] : [{ id: "first-steps", title: "First steps", brief: false, blocks }];
}

/** What every report with cycles tells of them, and how far arms came from what they went on from. */
function restartsSection({ dataset }: Summary, arms: readonly ArmRuns[]): Section[] {
  const cyclic = arms.filter(({ runs }) =>
    runs.some(({ events }) => events.some(({ kind }) => kind === "restart"))
  );
  const walked = arms.filter(({ runs }) =>
    runs.some(({ events }) => events.some(({ kind }) => kind === "path"))
  );
  if (cyclic.length === 0 && walked.length === 0) return [];
  return [{
    id: "restarts",
    title: "Restarts",
    brief: true,
    blocks: [
      ...lossAroundRestartsFigure(cyclic),
      ...restartsTable(cyclic, dataset.validation),
      ...bestByCycleFigure(cyclic),
      ...sharpnessFigure(cyclic),
      ...pathsFigure(cyclic),
      ...leavingFigure(walked),
      ...pathsTable(walked),
    ],
  }];
}
