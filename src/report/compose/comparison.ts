import {
  compareExperiments,
  type Experiment,
  experimentArms,
  type ExperimentComparison,
  letterOf,
} from "#study/compare_experiments.ts";
import type { Summary } from "#results/summary.ts";
import { scoreName } from "#results/score.ts";
import {
  differenceTable,
  experimentsTable,
  settingsTable,
} from "../sections/comparisons/experiment_tables.ts";
import { type ArmRuns, failedSeeds } from "../sections/curves/arm_lines.ts";
import { answerOf } from "../sections/answers/answers.ts";
import { multiplesFigure } from "../sections/overview/multiples_figure.ts";
import { scoreAs } from "../sections/curves/shown_score.ts";
import { verdictStrip } from "../sections/overview/strip.ts";
import { curvesSection } from "../sections/curves/curves_section.ts";
import {
  type ComparedArms,
  differenceFigures,
  mainMetric,
} from "../sections/comparisons/difference_figures.ts";
import { headline } from "./headline.ts";
import type { Notice, Report, ReportAnswer, Section } from "../model.ts";
import { counted } from "#lib/numbers.ts";
import { armsTable } from "../sections/arms/arms_table.ts";

/** Several experiments as one report: the settings that differ, then the results. */
export function composeComparison(experiments: readonly Experiment[]): Report {
  const arms = experimentArms(experiments);
  const comparisons = compareExperiments(experiments, arms);
  const series = arms.map(({ label }) => label);
  const main = mainMetric(comparisons);
  const drawn = arms.map(({ label, arm, records }, series): ArmRuns => ({
    arm: label,
    series,
    runs: records,
    failed: failedSeeds(arm),
  }));
  const merged = { comparisons, arms: arms.map(({ arm, label }) => ({ ...arm, name: label })) };
  return {
    eyebrow: `LR Lab · comparison of ${counted(experiments.length, "experiment")}`,
    title: titleOf(experiments, merged, comparisons),
    summary: "",
    notices: notices(experiments, comparisons),
    series,
    overview: [
      ...multiplesFigure(drawn, { target: experiments[0]!.summary.target }),
      ...differenceFigures(
        { ...merged, comparisons: comparisons.filter(({ metric }) => metric === main) },
        series,
      ),
      ...verdictStrip(answersOf(experiments), null),
    ],
    sections: [
      { id: "differs", title: "Settings", brief: true, blocks: [settingsTable(experiments)] },
      { id: "arms", title: "Arms", brief: true, blocks: [armsTable(merged), ...targetText(experiments[0]!)] },
      ...differencesSection(merged, comparisons, series, main),
      ...curvesSection(drawn, null),
      { id: "experiments", title: "Experiments", brief: true, blocks: [experimentsTable(experiments)] },
    ],
  };
}

/** The answers of all experiments, each with the letter of its own. */
function answersOf(experiments: readonly Experiment[]): ReportAnswer[] {
  return experiments.flatMap(({ summary }, index) =>
    summary.answers.map(answerOf).map((answer) => ({
      ...answer,
      question: `${letterOf(index)}: ${answer.question}`,
    }))
  );
}

function titleOf(
  experiments: readonly Experiment[],
  merged: Pick<Summary, "comparisons" | "arms">,
  comparisons: readonly ExperimentComparison[],
): string {
  if (comparisons.some(({ difference }) => difference !== null)) return headline(merged);
  const names = experiments.map(({ summary }) => `“${summary.name}”`);
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}, side by side`;
}

/** Caveats on the differences. */
function notices(experiments: readonly Experiment[], comparisons: readonly ExperimentComparison[]): Notice[] {
  const partial = experiments.flatMap(({ summary }, index): Notice[] =>
    summary.complete
      ? []
      : [{ kind: "partial", text: `Experiment ${letterOf(index)} was stopped before its end.` }]
  );
  const kinds = Map.groupBy(
    comparisons.filter(({ pairing }) => pairing.kind !== "paired"),
    ({ pairing }) => JSON.stringify(pairing),
  );
  const unpaired = [...kinds.values()].map((group): Notice => {
    const { kind, why } = group[0]!.pairing;
    const pairs = [...new Set(group.map(({ arm, against }) => `“${arm}” and “${against}”`))].join("; ");
    const meaning = kind === "unpaired"
      ? "are compared without pairs, so the variation between seeds is not removed"
      : "are not comparable";
    return { kind: "warning", text: `${pairs} ${meaning}: ${why.join("; ")}.` };
  });
  const devices = new Set(experiments.map(({ summary: { device } }) => `${device.name}, ${device.detail}`));
  const commits = new Set(experiments.map(({ summary }) => summary.provenance.commit));
  const differing = [
    ...(devices.size === 1 ? [] : ["on different devices, which round differently"]),
    ...(commits.size === 1 ? [] : ["with different versions of LR Lab"]),
  ];
  const origins: Notice[] = differing.length === 0
    ? []
    : [{ kind: "warning", text: `The experiments ran ${differing.join(", and ")}.` }];
  return [...partial, ...unpaired, ...origins];
}

function targetText({ summary: { target }, records }: Experiment): Section["blocks"] {
  if (target === null) return [];
  const score = scoreAs(scoreName(records));
  const text =
    `Steps to target: steps until a validation ${score.name} of ${
      score.text(score.of(target))
    }, the target of experiment A, in all ` +
    "experiments with the same validation images.";
  return [{ kind: "text", text }];
}

const HOW_TO_READ =
  "Each arm is compared with the one of its name in A, else with A's baseline: paired where runs share data, model, " +
  "batches and seed, else by Welch's interval. All 95 % intervals of a metric hold together.";

function differencesSection(
  { arms }: ComparedArms,
  comparisons: readonly ExperimentComparison[],
  series: readonly string[],
  main: string | undefined,
): Section[] {
  if (comparisons.length === 0) return [];
  const metrics = Map.groupBy(comparisons, ({ metric }) => metric);
  return [{
    id: "differences",
    title: "Differences",
    brief: true,
    blocks: [
      { kind: "text", text: HOW_TO_READ },
      ...[...metrics].map(([metric, rows]) => differenceTable(metric, rows, series)),
      ...differenceFigures(
        { arms, comparisons: comparisons.filter(({ metric }) => metric !== main) },
        series,
      ),
    ],
  }];
}
