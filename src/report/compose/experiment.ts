import type { RunRecord } from "#results/run.ts";
import type { Answer, Summary } from "#results/summary.ts";
import type { ArmRuns } from "../sections/curves/arm_lines.ts";
import {
  learningRateFigure,
  trainingLossFigure,
  validationFigure,
} from "../sections/curves/curve_figures.ts";
import { updateStatisticsSections } from "../sections/update_statistics/update_statistics_sections.ts";
import { diagnosticsSection } from "../sections/diagnostics/diagnostics_section.ts";
import { experimentNotices } from "./experiment_notices.ts";
import { comparisonsSection } from "../sections/comparisons/comparisons_section.ts";
import { headline } from "./headline.ts";
import type { Report, ReportAnswer, Section } from "../model.ts";
import { counted, interval, signed } from "../format/numbers.ts";
import { schedulesTable } from "../sections/setup/optimizer_text.ts";
import { provenanceFacts, reproductionBlocks } from "../sections/setup/provenance.ts";
import { setupFacts } from "../sections/setup/setup_facts.ts";
import { capitalized } from "../format/text.ts";
import { sensitivityBlocks } from "../sections/sweep/sensitivity.ts";
import { tuningFigure } from "../sections/tuning/tuning_figure.ts";
import { armsTable } from "../sections/arms/arms_table.ts";
import { tuningTable } from "../sections/tuning/tuning_table.ts";

/** An experiment as a report: answers first, then curves and comparisons, then the setup. */
export function composeReport(
  summary: Summary,
  records: readonly RunRecord[],
): Report {
  const series = summary.arms.map(({ name }) => name);
  const arms = series.map((arm, index): ArmRuns => ({
    arm,
    series: index,
    runs: records.filter(({ plan }) => plan.role === "arm" && plan.arm === arm),
  }));
  return {
    eyebrow: `LR Lab · ${summary.name} · ${summary.dataset.name} · ${summary.provenance.at.slice(0, 10)}`,
    title: headline(summary),
    summary: summary.introduction,
    notices: experimentNotices(summary),
    series,
    sections: [
      ...answersSection(summary),
      { id: "arms", title: "Arms", brief: true, blocks: [armsTable(summary)] },
      ...curvesSection(arms, summary.target),
      ...comparisonsSection(summary, series),
      ...updateStatisticsSections(summary, arms),
      ...diagnosticsSection(summary),
      ...sweepSection(summary),
      ...tuningSection(summary, series, records),
      setupSection(summary, records),
    ],
  };
}

function answersSection({ answers }: Summary): Section[] {
  if (answers.length === 0) return [];
  return [{
    id: "answers",
    title: "Answers",
    brief: true,
    blocks: [{ kind: "answers", answers: answers.map(answerOf) }],
  }];
}

function answerOf({ question, hypothesis, verdict, text, unit }: Answer): ReportAnswer {
  const shared = { question, hypothesis, text: capitalized(text), verdict: verdict.kind };
  if (verdict.kind === "inconclusive") {
    const [finding, ...rest] = verdict.missing.split("; ");
    return { ...shared, finding: finding!, missing: rest.join("; ") };
  }
  const decimals = decimalsFor([verdict.effect, ...verdict.interval]);
  return {
    ...shared,
    finding: `${signed(verdict.effect, decimals)} ${unit} ${interval(verdict.interval, decimals)}, ` +
      counted(verdict.runs, "run"),
  };
}

/** Three decimals where all values lie below 1, none where one reaches 100, else one. */
function decimalsFor(values: readonly number[]): number {
  const largest = Math.max(...values.map(Math.abs));
  return largest >= 100 ? 0 : largest >= 1 ? 1 : 3;
}

function curvesSection(arms: readonly ArmRuns[], target: number | null): Section[] {
  if (arms.every(({ runs }) => runs.length === 0)) return [];
  return [{
    id: "curves",
    title: "Curves",
    brief: false,
    blocks: [trainingLossFigure(arms), validationFigure(arms, target), learningRateFigure(arms)],
  }];
}

function sweepSection({ sweep }: Summary): Section[] {
  if (sweep === null || sweep.cells.length === 0) return [];
  return [{ id: "sweep", title: "Sensitivity", brief: false, blocks: sensitivityBlocks(sweep) }];
}

function tuningSection(
  summary: Summary,
  series: readonly string[],
  records: readonly RunRecord[],
): Section[] {
  if (summary.tuning.length === 0) return [];
  const seeds = new Set(records.flatMap(({ plan }) => plan.role === "tune" ? plan.seed : [])).size;
  return [{
    id: "rates",
    title: "Tuning",
    brief: false,
    blocks: [tuningFigure(summary.tuning, series, seeds), tuningTable(summary)],
  }];
}

function setupSection(summary: Summary, records: readonly RunRecord[]): Section {
  return {
    id: "setup",
    title: "Setup",
    brief: false,
    blocks: [
      { kind: "facts", facts: setupFacts(summary, records) },
      schedulesTable(summary),
      ...reproductionBlocks(summary.provenance.command, provenanceFacts(summary)),
    ],
  };
}
