import type { JudgedComparison, Judgement } from "#results/judgement.ts";
import type { LoggedGroup } from "#study/logged_runs/model.ts";
import { counted, fixed, interval, signed } from "#lib/numbers.ts";
import { capitalized } from "../format/text.ts";
import type { Report } from "../model.ts";
import { judgedAnswers } from "../sections/judgement/answers.ts";
import { judgedCurves } from "../sections/judgement/curves_figure.ts";
import { judgedDifferences, percent } from "../sections/judgement/difference_figure.ts";
import { type JudgedStyle, judgedStyle } from "../sections/judgement/metric_text.ts";
import { comparisonsTable, groupsTable, runsTable } from "../sections/judgement/tables.ts";
import { verdictStrip } from "../sections/overview/strip.ts";

/** Runs that any tool logged, as a report: the verdict, the curves, then all figures. */
export function composeJudgement(judgement: Judgement, logged: readonly LoggedGroup[]): Report {
  const style = judgedStyle(judgement);
  const answers = judgedAnswers(judgement, style);
  const runs = judgement.groups.reduce((sum, group) => sum + group.runs.length, 0);
  return {
    eyebrow:
      `LR Lab · ${style.name} of ${counted(runs, "run")} in ${counted(judgement.groups.length, "group")} · ` +
      judgement.at.slice(0, 10),
    title: titleOf(judgement.comparisons.at(-1)!, style),
    summary: "",
    notices: judgement.notes.map((text) => ({ kind: "warning", text })),
    series: judgement.groups.map(({ name }) => name),
    overview: [
      ...judgedCurves(judgement, logged, style),
      ...judgedDifferences(judgement, style),
      ...verdictStrip(answers, "answers"),
    ],
    sections: [
      { id: "answers", title: "Answers", brief: true, blocks: [{ kind: "answers", answers }] },
      {
        id: "groups",
        title: "Groups",
        brief: true,
        blocks: [groupsTable(judgement, style), comparisonsTable(judgement, style)],
      },
      { id: "runs", title: "Runs", brief: true, blocks: [runsTable(judgement, style)] },
      {
        id: "rules",
        title: "How it was judged",
        brief: false,
        blocks: [{ kind: "facts", facts: factsOf(judgement, style) }],
      },
    ],
  };
}

/** The last comparison in a sentence: the one that decides the exit code. */
function titleOf(one: JudgedComparison, { name, unit, scale, decimals }: JudgedStyle): string {
  const pair = `“${one.group}” and “${one.against}”`;
  const { verdict, failures } = one;
  if (verdict.kind !== "inconclusive" && verdict.decided_by === "failures") {
    return `“${one.group}” fails in ${failures.failed} of ${
      counted(failures.runs, "run")
    }, “${one.against}” in ` +
      `${failures.against_failed} of ${failures.against_runs}`;
  }
  if (one.difference === null) return `No finished runs compare ${pair} in ${name}`;
  const bounds = one.interval === null
    ? "too few runs for an interval"
    : interval(one.interval, decimals, scale);
  const size = `${signed(scale * one.difference, decimals)} ${unit}`.trimEnd();
  switch (one.decision) {
    case "for":
    case "against":
      return `“${one.group}” is ${
        one.decision === "for" ? "better" : "worse"
      } than “${one.against}” in ${name}: ` +
        `${size} ${bounds}`;
    case "open":
      return `Open which of ${pair} is better in ${name}: ${size}, ${bounds}`;
    case "no difference that matters":
      return capitalized(`${one.decision} in ${name} between ${pair}: ${size} ${bounds}`);
  }
}

function factsOf(
  judgement: Judgement,
  { scale, unit, metric: name }: JudgedStyle,
): { label: string; value: string }[] {
  const { metric, margin, margin_guessed, confidence, comparisons, baseline } = judgement;
  const figures = { final: "last value", best: "best value", auc: "mean over steps (area under the curve)" };
  const guessed = (is: boolean) => is ? ", guessed from the name" : "";
  return [
    { label: "Figure", value: `${figures[metric.figure]} of ${name}` },
    { label: "Better", value: metric.better + guessed(metric.better_guessed) },
    {
      label: "Margin",
      value: margin === null
        ? "none: name one with --margin to tell “no difference that matters” from “open”"
        : `±${fixed(scale * margin, 3).replace(/\.?0+$/, "")} ${unit}${
          margin_guessed ? ", the usual one" : ""
        }`,
    },
    { label: "Baseline", value: baseline },
    {
      label: "Intervals",
      value: `${percent(confidence)}, ` +
        (comparisons.length === 1
          ? "one comparison"
          : `all ${comparisons.length} comparisons together (Bonferroni)`),
    },
    {
      label: "Rounded in the logs to",
      value: metric.resolution === 0 ? "more than four decimals" : String(metric.resolution),
    },
  ];
}
