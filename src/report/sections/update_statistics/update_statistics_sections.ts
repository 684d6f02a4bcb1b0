import type { Summary } from "#results/summary.ts";
import { averagesTable } from "../ensembles/averages_table.ts";
import type { ArmRuns } from "../curves/arm_lines.ts";
import { dropBlocks } from "../restarts/drop_blocks.ts";
import { ensembleBlocks } from "../ensembles/ensemble_blocks.ts";
import { hessianSection } from "../hessian/hessian_section.ts";
import type { Section } from "../../model.ts";
import { probeBlocks } from "./probe_figures.ts";
import {
  bestByCycleFigure,
  lossAroundRestartsFigure,
  pathsFigure,
  sharpnessFigure,
  startToEndFigure,
} from "../restarts/restart_figures.ts";
import { pathsTable, restartsTable } from "../restarts/restart_tables.ts";

/** Sections on the first steps, on sharpness, on drops and restarts of the rate, and on averages and ensembles. */
export function updateStatisticsSections(summary: Summary, arms: readonly ArmRuns[]): Section[] {
  return [
    ...probeSection(summary, arms),
    ...hessianSection(arms),
    ...dropsSection(summary, arms),
    ...restartsSection(summary, arms),
    ...modelsSection(summary),
  ];
}

function dropsSection({ dataset }: Summary, arms: readonly ArmRuns[]): Section[] {
  const blocks = dropBlocks(arms, dataset.validation);
  return blocks.length === 0 ? [] : [{ id: "drops", title: "Drops of the rate", brief: false, blocks }];
}

function modelsSection(summary: Summary): Section[] {
  const blocks = [...ensembleBlocks(summary), ...averagesTable(summary)];
  return blocks.length === 0 ? [] : [{ id: "models", title: "Averages and ensembles", brief: true, blocks }];
}

function probeSection(summary: Summary, arms: readonly ArmRuns[]): Section[] {
  const failed = new Map(
    summary.arms.map(({ name, runs }) => [name, runs.filter((run) => run.failed ?? run.diverged).length]),
  );
  const blocks = probeBlocks(arms, failed);
  return blocks.length === 0 ? [] : [{ id: "first-steps", title: "First steps", brief: false, blocks }];
}

/** Restarts of every arm with cycles, and the paths of arms that continue others. */
function restartsSection({ dataset }: Summary, arms: readonly ArmRuns[]): Section[] {
  const cyclic = arms.filter(({ runs }) =>
    runs.some(({ events }) => events.some(({ kind }) => kind === "restart"))
  );
  const chained = arms.filter(({ runs }) =>
    runs.some(({ events }) => events.some(({ kind }) => kind === "path"))
  );
  if (cyclic.length === 0 && chained.length === 0) return [];
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
      ...startToEndFigure(chained),
      ...pathsTable(chained),
    ],
  }];
}
