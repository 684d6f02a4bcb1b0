import type { Answer } from "#results/summary.ts";
import { compact, counted, interval, signed } from "../../format/numbers.ts";
import { capitalized } from "../../format/text.ts";
import type { ReportAnswer } from "../../model.ts";

/** An answer of a summary, as the report shows it. */
export function answerOf({ question, hypothesis, verdict, text, unit }: Answer): ReportAnswer {
  const shared = { question, hypothesis, text: capitalized(text), verdict: verdict.kind };
  if (verdict.kind === "inconclusive") {
    const [finding, ...rest] = verdict.missing.split("; ");
    return { ...shared, finding: finding!, missing: rest.join("; ") };
  }
  const decimals = decimalsFor([verdict.effect, ...verdict.interval]);
  return {
    ...shared,
    finding: [
      `${signed(verdict.effect, decimals)} ${unit} ${interval(verdict.interval, decimals)}` +
      (verdict.decided_by === "failures" ? " in the share of runs that fail" : ""),
      ...(verdict.margin === undefined ? [] : [`margin ±${compact(verdict.margin)}`]),
      counted(verdict.runs, "run"),
    ].join(", "),
  };
}

/** Three decimals where all values lie below 1, none where one reaches 100, else one. */
function decimalsFor(values: readonly number[]): number {
  const largest = Math.max(...values.map(Math.abs));
  return largest >= 100 ? 0 : largest >= 1 ? 1 : 3;
}
