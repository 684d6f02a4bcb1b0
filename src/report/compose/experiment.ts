import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import { type ArmRuns, failedSeeds } from "../sections/curves/arm_lines.ts";
import { curvesSection } from "../sections/curves/curves_section.ts";
import { updateStatisticsSections } from "../sections/update_statistics/update_statistics_sections.ts";
import { diagnosticsSection } from "../sections/diagnostics/diagnostics_section.ts";
import { experimentNotices } from "./experiment_notices.ts";
import { comparisonsSection } from "../sections/comparisons/comparisons_section.ts";
import { type ArmMasks, masksSection } from "../sections/masks/masks_section.ts";
import { headline } from "./headline.ts";
import type { Report, ReportAnswer, Section } from "../model.ts";
import { experimentOverview } from "../sections/overview/experiment_overview.ts";
import { seedsNeededTable } from "../sections/planning/planning_table.ts";
import { answerOf } from "../sections/answers/answers.ts";
import { deadLettersSection } from "../sections/dead_letters/dead_letters_section.ts";
import { setupSection } from "../sections/setup/setup_section.ts";
import { sensitivityBlocks } from "../sections/sweep/sensitivity.ts";
import { armsTable } from "../sections/arms/arms_table.ts";
import { tuningSections } from "../sections/tuning/tuning_section.ts";
import { saidBeforeSection } from "../sections/theory/said_before.ts";

/**
 * An experiment as a report: the first screen, then everything else, the answers first and the setup last.
 *
 * @param masks example masks, one run an arm; none where images are classified.
 */
export function composeReport(
  summary: Summary,
  records: readonly RunRecord[],
  masks: readonly ArmMasks[] = [],
): Report {
  const series = summary.arms.map(({ name }) => name);
  const arms = summary.arms.map((arm, index): ArmRuns => ({
    arm: arm.name,
    series: index,
    runs: records.filter(({ plan }) => plan.role === "arm" && plan.arm === arm.name),
    failed: failedSeeds(arm),
  }));
  const answers = summary.answers.map(answerOf);
  return {
    eyebrow: `LR Lab · ${summary.name} · ${summary.dataset.name} · ${summary.provenance.at.slice(0, 10)}`,
    title: headline(summary),
    summary: "",
    notices: experimentNotices(summary),
    series,
    overview: experimentOverview(summary, arms, answers, ANSWERS),
    sections: [
      ...answersSection(answers),
      { id: "arms", title: "Arms", brief: true, blocks: [armsTable(summary)] },
      ...comparisonsSection(summary, series),
      ...curvesSection(arms, summary),
      ...masksSection(masks.toSorted((a, b) => series.indexOf(a.plan.arm) - series.indexOf(b.plan.arm))),
      ...tuningSections(summary, series, records),
      ...diagnosticsSection(summary),
      ...updateStatisticsSections(summary, arms),
      ...sweepSection(summary),
      ...saidBeforeSection(summary, records),
      ...planningSection(summary),
      ...deadLettersSection(summary.provenance),
      setupSection(summary, records),
    ],
  };
}

/** Id of the section with the answers in full. */
const ANSWERS = "answers";

function answersSection(answers: readonly ReportAnswer[]): Section[] {
  if (answers.length === 0) return [];
  return [{ id: ANSWERS, title: "Answers", brief: true, blocks: [{ kind: "answers", answers }] }];
}

function planningSection(summary: Summary): Section[] {
  const blocks = seedsNeededTable(summary);
  return blocks.length === 0 ? [] : [{ id: "planning", title: "Seeds to plan", brief: true, blocks }];
}

function sweepSection({ sweep }: Summary): Section[] {
  if (sweep === null || sweep.cells.length === 0) return [];
  return [{ id: "sweep", title: "Sensitivity", brief: false, blocks: sensitivityBlocks(sweep) }];
}
