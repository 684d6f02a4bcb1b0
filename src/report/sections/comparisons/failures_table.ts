import type { FailureComparison, Summary } from "#results/summary.ts";
import { interval, signed } from "#lib/numbers.ts";
import { seriesOf } from "../../model.ts";
import { left, right, type Table, tableUnlessEmpty } from "../../table.ts";

/** Failures of each arm against the baseline; nothing where no run failed. */
export function failuresTable({ failures = [], arms }: Summary): Table[] {
  const names = arms.map(({ name }) => name);
  const some = failures.filter(({ failed, against_failed }) => failed + against_failed > 0);
  return tableUnlessEmpty(some, {
    caption: "Failed runs, arm against baseline",
    columns: [
      left("arm", ({ arm }) => arm),
      left("baseline", ({ against }) => against),
      right("failed", ({ failed, seeds }) => `${failed} of ${seeds}`),
      right("baseline failed", ({ against_failed, seeds }) => `${against_failed} of ${seeds}`),
      right(
        "difference (points)",
        ({ difference }) => signed(difference === null ? null : 100 * difference, 0),
      ),
      right("95 % interval", (one) => interval(one.interval, 0, 100)),
      left("verdict", ({ verdict }) => verdict),
    ],
    series: ({ arm }) => seriesOf(names, arm),
    note:
      "Failed: diverged, or ended hardly better than guessing. Exact intervals of paired shares, which hold together.",
  });
}

/** The failures that decide between two arms; none where neither fails more often for certain. */
export function decidingFailures(
  failures: readonly FailureComparison[],
  { arm, against }: { readonly arm: string; readonly against: string },
): FailureComparison | undefined {
  return failures.find((one) =>
    one.arm === arm && one.against === against && (one.verdict === "higher" || one.verdict === "lower")
  );
}
