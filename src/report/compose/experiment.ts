import type { RunRecord } from "#results/run.ts";
import type { Answer, Summary } from "#results/summary.ts";
import { endsChosen } from "#study/experiment/tuning.ts";
import {
  type ArmRuns,
  learningRateFigure,
  trainingLossFigure,
  validationFigure,
} from "../sections/curves/curve_figures.ts";
import { updateStatisticsSections } from "../sections/update_statistics/update_statistics_sections.ts";
import { differenceFigures, howToRead } from "../sections/comparisons/difference_figures.ts";
import { diagnosticsSection } from "../sections/diagnostics/diagnostics_section.ts";
import { headline } from "./headline.ts";
import type { Notice, Report, ReportAnswer, Section } from "../model.ts";
import { compact, counted, fixed, interval, signed } from "../format/numbers.ts";
import { provenanceFacts, schedulesTable, setupFacts } from "../sections/setup/setup.ts";
import { capitalized } from "../format/text.ts";
import { seedsNeededTable } from "../sections/planning/planning_table.ts";
import { sensitivityBlocks } from "../sections/sweep/sensitivity.ts";
import { tuningFigure } from "../sections/tuning/tuning_figure.ts";
import { armsTable, comparisonTables, tuningTable } from "../sections/comparisons/arm_tables.ts";

/** An experiment as a report: findings first, then curves, then how they were made. */
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
    notices: notices(summary),
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

function comparisonsSection(summary: Summary, series: readonly string[]): Section[] {
  if (summary.comparisons.length === 0) return [];
  return [{
    id: "comparisons",
    title: "Comparisons",
    brief: true,
    blocks: [
      { kind: "text", text: howToRead(summary) },
      ...differenceFigures(summary, series),
      ...comparisonTables(summary),
      ...seedsNeededTable(summary),
    ],
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
      { kind: "text", text: "The command that makes this report again:" },
      { kind: "command", text: summary.provenance.command },
      { kind: "facts", facts: provenanceFacts(summary) },
    ],
  };
}

function notices({ complete, arms, tuning }: Summary): Notice[] {
  const runs = arms.flatMap(({ name, runs }) => runs.map((run) => ({ ...run, name })));
  const partial: Notice[] = complete ? [] : [{
    kind: "partial",
    text:
      "The experiment was stopped before its end. What follows is computed from the runs that there are; " +
      `${
        counted(runs.filter(({ reason }) => reason === "budget").length, "run")
      } of the arms came to the end.`,
  }];
  const diverged = runs.filter((run) => run.diverged).map(({ name, seed, steps, detail }): Notice => ({
    kind: "warning",
    text: `The run of “${name}” with seed ${seed} diverged at step ${fixed(steps, 0)}` +
      `${
        detail ? ` (${detail.replace(/\.$/, "")})` : ""
      }. It has no final figures, and its pair is left out.`,
  }));
  return [...partial, ...diverged, ...(complete ? leftOut(arms) : []), ...tuning.flatMap(atEdge)];
}

/** A rate that was chosen from the end of the range says that the range was too small. */
function atEdge(tuning: Summary["tuning"][number]): Notice[] {
  const { arm, chosen } = tuning;
  const [at] = endsChosen(tuning);
  if (at === undefined) return [];
  const [end, further] = at === "low" ? ["smallest", "smaller"] : ["largest", "larger"];
  return [{
    kind: "warning",
    text: `“${arm}” did best with the ${end} rate that was tried, ${
      compact(chosen)
    }: a ${further} one may do better.`,
  }];
}

/** Arms of a complete experiment that lack seeds which others have: what they go on from came to no end. */
function leftOut(arms: Summary["arms"]): Notice[] {
  const seedsOf = ({ runs }: Summary["arms"][number]) => runs.map(({ seed, member }) => member?.of ?? seed);
  const all = [...new Set(arms.flatMap(seedsOf))];
  return arms.flatMap((arm): Notice[] => {
    const missing = all.filter((seed) => !seedsOf(arm).includes(seed));
    if (missing.length === 0) return [];
    const seeds = `${missing.length === 1 ? "seed" : "seeds"} ${missing.join(", ")}`;
    const text = `“${arm.name}” was not run with ${seeds}: what it goes on from did not come to its end.`;
    return [{ kind: "warning", text }];
  });
}
