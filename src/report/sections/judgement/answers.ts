import type { JudgedComparison, Judgement } from "#results/judgement.ts";
import { compact, counted, interval, signed } from "#lib/numbers.ts";
import type { ReportAnswer } from "../../model.ts";
import { percent } from "./difference_figure.ts";
import type { JudgedStyle } from "./metric_text.ts";

/** A question for each group: is it better than the baseline? */
export function judgedAnswers(judgement: Judgement, style: JudgedStyle): ReportAnswer[] {
  return judgement.comparisons.map((one) => answerOf(one, judgement, style));
}

function answerOf(one: JudgedComparison, judgement: Judgement, style: JudgedStyle): ReportAnswer {
  const { verdict, group, against } = one;
  const { unit, decimals, scale } = style;
  const shared = {
    question: `Is “${group}” better than “${against}”?`,
    hypothesis: `yes: ${style.name} is ${judgement.metric.better}`,
    text: textOf(one, judgement, style),
    verdict: verdict.kind,
  };
  if (verdict.kind === "inconclusive") {
    const [finding, ...rest] = verdict.missing.split("; ");
    return { ...shared, finding: finding!, missing: rest.join("; ") };
  }
  const byFailures = verdict.decided_by === "failures";
  return {
    ...shared,
    finding: [
      byFailures
        ? `${signed(verdict.effect, 0)} points ${
          interval(verdict.interval, 0)
        } in the share of runs that fail`
        : `${signed(verdict.effect, decimals)} ${unit} ${interval(verdict.interval, decimals)}`.replace(
          "  ",
          " ",
        ),
      ...(judgement.margin === null || byFailures ? [] : [`margin ±${compact(scale * judgement.margin)}`]),
      counted(verdict.runs, "run"),
    ].join(", "),
  };
}

function textOf(one: JudgedComparison, { confidence }: Judgement, style: JudgedStyle): string {
  const { name, unit, scale, decimals } = style;
  const { difference, failures } = one;
  const failed = failures.failed + failures.against_failed === 0
    ? ""
    : ` ${failures.failed} of ${failures.runs} runs of “${one.group}” failed and ${failures.against_failed} of ` +
      `${failures.against_runs} of “${one.against}”; they are not in the difference.`;
  if (difference === null) return `There is nothing to compare in ${name}.${failed}`;
  const bounds = one.interval === null
    ? "too few runs for an interval"
    : `${percent(confidence)} interval ${interval(one.interval, decimals, scale)}`;
  const pairs = one.pairing === "paired" ? counted(one.seeds, "pair") : "unpaired";
  return `Difference in ${name}, “${one.group}” minus “${one.against}”: ` +
    `${signed(scale * difference, decimals)} ${unit}`.trimEnd() + `, ${bounds} (${pairs}).${failed}`;
}
