import type { CandidateResult, RangeTestResult, RateValidation } from "#results/lr_range.ts";
import { scoreOfMetric } from "#results/score.ts";
import { whyTried } from "#study/lr_range_test/plan.ts";
import type { Section } from "../../model.ts";
import { comparedWith, failuresOf } from "./headline.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { compact, counted, fixed, interval, MISSING, signed } from "#lib/numbers.ts";

/** Short runs at each rate that was tried: accuracy, and its difference from the best one. */
export function checkSection(result: RangeTestResult): Section[] {
  const { validation } = result;
  if (validation === null) return [];
  const { steps, seeds, schedule = "constant" } = validation;
  return [{
    id: "validation",
    title: "Short runs at each rate",
    brief: true,
    blocks: [
      checksTable(validation, comparedWith(result)),
      {
        kind: "text",
        text: `Each rate ${schedule === "linear" ? "fell linearly to 0 within" : "was held for"} ${
          counted(steps, "step")
        }, with seeds (${
          seeds.join(", ")
        }) that suggested nothing. A longer run may do best at a smaller rate.`,
      },
    ],
  }];
}

function checksTable({ candidates, steps, metric }: RateValidation, against: number | null): Table {
  return tableOf(candidates, {
    caption: `Short runs of ${counted(steps, "step")}`,
    columns: [
      right("rate", ({ lr }) => compact(lr)),
      left("tried as", whyTried),
      right(`validation ${scoreOfMetric(metric)} (%)`, accuracyText),
      ...(against === null ? [] : [right(`difference from ${compact(against)} (points)`, differenceText)]),
      left("verdict", (one) => one.lr === against ? "compared with" : verdictText(one)),
      right("runs", runsText),
    ],
    note: "Differences are paired over seeds; their intervals hold together.",
  });
}

function accuracyText({ accuracy, interval: bounds }: CandidateResult): string {
  if (accuracy === null) return MISSING;
  return `${fixed(100 * accuracy, 1)} ${bounds ? interval(bounds, 1, 100) : ""}`.trim();
}

function differenceText({ difference: measured }: CandidateResult): string {
  if (measured === null || measured.difference === null) return MISSING;
  return `${signed(100 * measured.difference, 1)} ${interval(measured.interval, 1, 100)}`;
}

function verdictText(candidate: CandidateResult): string {
  if (failuresOf(candidate) > 0) return "runs fail";
  return candidate.difference?.verdict ?? MISSING;
}

function runsText(candidate: CandidateResult): string {
  const failed = failuresOf(candidate);
  return `${candidate.runs.length}${failed > 0 ? `, ${failed} failed` : ""}`;
}
