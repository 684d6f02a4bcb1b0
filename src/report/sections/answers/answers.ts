import type { Answer } from "#results/summary.ts";
import { compact, counted, interval, signed } from "#lib/numbers.ts";
import { capitalized } from "../../format/text.ts";
import type { ReportAnswer } from "../../model.ts";

/** An answer of a summary, as the report shows it. */
export function answerOf({ question, hypothesis, verdict, text, unit }: Answer): ReportAnswer {
  const shared = { question, hypothesis, text: capitalized(text), verdict: verdict.kind };
  if (verdict.kind === "inconclusive") {
    const [finding, ...rest] = verdict.missing.split("; ");
    return { ...shared, finding: finding!, missing: rest.join("; ") };
  }
  return {
    ...shared,
    finding: [
      decidedText(verdict, unit),
      ...(verdict.margin === undefined ? [] : [`margin ±${compact(verdict.margin)}`]),
      counted(verdict.runs, "run"),
    ].join(", "),
  };
}

/** The effect that decided, and of what it is where failed runs decided: a share of them. */
export function decidedText(
  { effect, interval: bounds, decided_by }: Exclude<Answer["verdict"], { kind: "inconclusive" }>,
  unit: string,
): string {
  return effectText(effect, bounds, unit) +
    (decided_by === "failures" ? " in the share of runs that fail" : "");
}

/** An effect with its interval, such as `−4.8 points [−6.2, −3.5]`. */
export function effectText(effect: number, bounds: readonly [number, number], unit: string): string {
  const decimals = decimalsFor([effect, ...bounds]);
  return `${signed(effect, decimals)} ${unit}`.trimEnd() + ` ${interval(bounds, decimals)}`;
}

/** None where a value reaches 100, else one or more: the more, the smaller the values; none is rounded to zero. */
function decimalsFor(values: readonly number[]): number {
  const largest = Math.max(...values.map(Math.abs));
  const least = largest >= 100 ? 0 : largest >= 1 ? 1 : largest >= 0.1 ? 2 : 3;
  const isLost = (decimals: number) =>
    values.some((value) => value !== 0 && Number(value.toFixed(decimals)) === 0);
  return largest < 100 && isLost(least) ? Math.min(3, least + 1) : least;
}
