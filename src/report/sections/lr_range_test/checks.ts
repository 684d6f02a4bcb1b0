import type { CandidateResult, RangeTestResult, RateValidation } from "#results/lr_range.ts";
import { whyTried } from "#study/lr_range_test/plan.ts";
import type { Figure, Section } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { compact, counted, fixed, interval, MISSING, signed } from "../../format/numbers.ts";

/** Short runs at the suggested rates: accuracy of each, and its difference from the chosen one. */
export function checkSection({ validation, chosen }: RangeTestResult): Section[] {
  if (validation === null || chosen === null) return [];
  const { steps, seeds } = validation;
  return [{
    id: "validation",
    title: "Short runs at each rate",
    brief: true,
    blocks: [
      {
        kind: "text",
        text:
          `Each rate was held constant for ${counted(steps, "step")}, with seeds (${
            seeds.join(", ")
          }) that were not used ` +
          "for the suggestions. Runs with the same seed share initial weights and batches. The best rate for a few steps " +
          "need not be the best for a long run or under a schedule.",
      },
      ...accuracyFigure(validation),
      checksTable(validation, chosen.lr),
    ],
  }];
}

function accuracyFigure({ candidates }: RateValidation): Figure[] {
  const rows = candidates.flatMap((one) =>
    one.accuracy === null ? [] : [{
      label: `${compact(one.lr)}: ${whyTried(one)}`,
      series: null,
      value: 100 * one.accuracy,
      interval: one.interval && [100 * one.interval[0], 100 * one.interval[1]] as const,
    }]
  );
  if (rows.length === 0) return [];
  return [{
    kind: "figure",
    id: "validation-accuracy",
    title: "Validation accuracy of short runs",
    width: "full",
    caption: "Mark: mean over seeds after the last step. Bar: its 95 % bootstrap interval.",
    alt: `Validation accuracy. ${
      rows.map(({ label, value }) => `${label}: ${fixed(value, 1)} %`).join("; ")
    }.`,
    chart: {
      kind: "intervals",
      x: { title: "validation accuracy (%)", scale: "linear", decimals: 1 },
      reference: null,
      rows,
    },
  }];
}

function checksTable({ candidates, steps }: RateValidation, chosen: number): Table {
  return tableOf(candidates, {
    caption: `Short runs of ${counted(steps, "step")}`,
    columns: [
      right("rate", ({ lr }) => compact(lr)),
      left("suggested by", whyTried),
      right("validation accuracy (%)", accuracyText),
      right(`difference from ${compact(chosen)} (points)`, differenceText),
      left("verdict", verdictText),
      right("runs", runsText),
    ],
    note: "Differences are paired over seeds; their intervals are widened for the number of comparisons.",
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

function verdictText({ difference, runs }: CandidateResult): string {
  if (runs.length > 0 && runs.every((run) => run.diverged)) return "diverged";
  return difference === null ? "chosen rate" : difference.verdict;
}

function runsText({ runs }: CandidateResult): string {
  const diverged = runs.filter((run) => run.diverged).length;
  return `${runs.length}${diverged > 0 ? `, ${diverged} diverged` : ""}`;
}
