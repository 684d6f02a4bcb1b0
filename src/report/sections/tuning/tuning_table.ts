import type { Summary } from "#results/summary.ts";
import { compact, fixed, MISSING } from "../../format/numbers.ts";
import { seriesOf } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";

/** Each rate that was tried for each arm. */
export function tuningTable({ tuning, arms }: Summary): Table {
  const names = arms.map(({ name }) => name);
  const trials = tuning.flatMap(({ arm, trials, chosen }) =>
    trials.map((trial) => ({ ...trial, arm, chosen }))
  );
  return tableOf(trials, {
    caption: "Learning rates tried",
    columns: [
      left("arm", ({ arm }) => arm),
      right("rate", ({ value, chosen }) => `${value === chosen ? "★ " : ""}${compact(value)}`),
      right("validation accuracy (%)", ({ accuracy }) => fixed(accuracy === null ? null : 100 * accuracy, 1)),
      right("diverged", ({ diverged }) => diverged === 0 ? MISSING : String(diverged)),
    ],
    keys: 2,
    series: ({ arm }) => seriesOf(names, arm),
    note: "★ chosen: the fewest failed runs, then the best lower quartile of validation accuracy.",
  });
}
