import type { CandidateResult, RangeTestResult, RateValidation } from "#results/lr_range_test.ts";
import { whyTried } from "#study/lr_range_test/plan.ts";
import type { Figure, Section } from "../../model.ts";
import type { ColumnHead, Table } from "../../table.ts";
import { compact, counted, fixed, interval, MISSING, signed } from "../../format/numbers.ts";

/** Short runs at the suggested rates: accuracy of each, and its difference to the chosen one. */
export function checkSection({ validation, chosen }: RangeTestResult): Section[] {
  if (validation === null || chosen === null) return [];
  const { steps, seeds } = validation;
  return [{
    id: "validation",
    title: "Short runs",
    brief: true,
    blocks: [
      {
        kind: "text",
        text:
          `Each rate was held for ${counted(steps, "update")} with seeds that no suggestion was read from ` +
          `(${
            seeds.join(", ")
          }); runs of one seed share weights and batches. What is best for few steps need not be ` +
          "best for a long run, or under a schedule.",
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
    caption: "Mean over seeds after the last step, and its 95 % bootstrap interval.",
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
  const left = (label: string): ColumnHead => ({ label, align: "left" });
  const right = (label: string): ColumnHead => ({ label, align: "right" });
  return {
    kind: "table",
    caption: `Short runs of ${counted(steps, "update")}`,
    columns: [
      right("rate"),
      left("suggested by"),
      right("validation accuracy (%)"),
      right(`minus that of ${compact(chosen)}`),
      left("verdict"),
      right("runs"),
    ],
    keys: 1,
    rows: candidates.map((one) => ({ series: null, cells: cells(one) })),
    note:
      "Differences are paired over seeds, in points; their intervals are widened for the number of comparisons.",
  };
}

function cells(one: CandidateResult): string[] {
  const { lr, accuracy, interval: bounds, difference, runs } = one;
  const diverged = runs.filter((run) => run.diverged).length;
  const verdict = difference === null ? "the chosen rate" : difference.verdict;
  return [
    compact(lr),
    whyTried(one),
    accuracy === null
      ? MISSING
      : `${fixed(100 * accuracy, 1)} ${bounds ? interval(bounds, 1, 100) : ""}`.trim(),
    difference === null || difference.difference === null
      ? MISSING
      : `${signed(100 * difference.difference, 1)} ${interval(difference.interval, 1, 100)}`,
    diverged > 0 && diverged === runs.length ? "diverged" : verdict,
    `${runs.length}${diverged > 0 ? `, ${diverged} diverged` : ""}`,
  ];
}
