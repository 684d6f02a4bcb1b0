import type { ArmSummary, RunSummary, Summary } from "#results/summary.ts";
import type { MetricEntry } from "#results/metric_entry.ts";
import { comparedMetrics, figuresOf, type MetricKey } from "#results/metrics.ts";
import { bootstrapInterval } from "#stats/bootstrap.ts";
import { finiteOf, summarize } from "#stats/summary.ts";
import { fixed, interval, MISSING } from "#lib/numbers.ts";
import { left, right, type Table, tableOf } from "../../table.ts";

/** Final results of each arm: mean ± standard deviation over seeds, and the interval of the mean. */
export function armsTable({ arms }: Pick<Summary, "arms">): Table {
  const masks = isThere(arms, "test_dice");
  return tableOf(arms, {
    caption: "Final results of each arm",
    columns: [
      left("arm", ({ name }) => name),
      ...comparedMetrics((key) => isThere(arms, key)).map((metric) =>
        right(headOf(metric, masks), ({ runs }: ArmSummary) => figureText(metric, runs))
      ),
      right("runs", ({ runs }) => runsText(runs)),
      right(
        "ms per step",
        ({ runs }) => fixed(summarize(runs.map(({ ms_per_step }) => ms_per_step))?.mean, 1),
      ),
    ],
    series: (_, index) => index,
    note: noteOn(arms),
  });
}

function isThere(arms: readonly ArmSummary[], key: MetricKey): boolean {
  return arms.some(({ runs }) => runs.some((run) => typeof figuresOf(run)[key] === "number"));
}

function noteOn(arms: readonly ArmSummary[]): string {
  const runs = arms.flatMap((arm) => arm.runs);
  const parents = arms.filter(({ compared }) => compared === false).map(({ name }) => `“${name}”`);
  return [
    "Mean ± standard deviation over seeds [95 % interval of the mean].",
    `Training loss: last tenth of a run${
      isThere(arms, "test_dice") ? ", each arm's own, which do not compare where losses differ" : ""
    }.`,
    "Steps to target: of the runs that reached it.",
    ...(runs.some((run) => run.failed && !run.diverged)
      ? ["Failed: ended hardly better than guessing; in the means."]
      : []),
    ...(runs.some(({ reason }) => reason !== "budget")
      ? ["Diverged and stopped runs are not in the means."]
      : []),
    ...(parents.length > 0
      ? [`Other arms continue from ${parents.join(", ")}, which are drawn but not compared.`]
      : []),
  ].join(" ");
}

/** Losses of masks have units of their own. */
const headOf = ({ key, label, units }: MetricEntry, masks: boolean) =>
  units.shown && !(masks && key === "training_loss") ? `${label} (${units.shown})` : label;

function figureText(
  { key, scale, decimals, largest, place }: MetricEntry,
  runs: readonly RunSummary[],
): string {
  const of = (run: RunSummary) => figuresOf(run)[key] ?? null;
  if (place === "run") return reachedText(runs.map(of), decimals);
  const values = bySeed(runs, of);
  const bounds = largest < Infinity ? bootstrapInterval(finiteOf(values)) : null;
  // An accuracy lies between 0 and 1, even where a few scattered seeds would put the ends outside.
  const clamped = bounds && [Math.max(0, bounds[0]), Math.min(largest, bounds[1])] as const;
  return meanAndSpread(values, scale, decimals) + (clamped ? ` ${interval(clamped, decimals, scale)}` : "");
}

function runsText(runs: readonly RunSummary[]): string {
  const counts = [
    ["diverged", runs.filter((run) => run.diverged).length],
    ["failed", runs.filter((run) => run.failed && !run.diverged).length],
    ["stopped", runs.filter(({ reason }) => reason === "stopped").length],
  ] as const;
  const special = counts.filter(([, count]) => count > 0).map(([word, count]) => `${count} ${word}`);
  return [String(runs.length), ...special].join(", ");
}

/** A value for each seed: the mean of the seed's independent members, missing where a member has none. */
function bySeed(runs: readonly RunSummary[], of: (run: RunSummary) => number | null): (number | null)[] {
  return [...Map.groupBy(runs, (run) => run.member?.of ?? run.seed).values()].map((members) => {
    const values = finiteOf(members.map(of));
    return values.length < members.length ? null : summarize(values)!.mean;
  });
}

/** The mean over the runs that reached the target; how many did, where some did not. */
function reachedText(values: readonly (number | null)[], decimals: number): string {
  const reached = summarize(values);
  if (reached === null) return MISSING;
  const share = reached.count < values.length ? ` (${reached.count} of ${values.length})` : "";
  return `${fixed(reached.mean, decimals)}${share}`;
}

function meanAndSpread(values: readonly (number | null)[], scale: number, decimals: number): string {
  const found = summarize(values);
  if (found === null) return MISSING;
  return fixed(scale * found.mean, decimals) +
    (found.sd === null ? "" : ` ± ${fixed(scale * found.sd, decimals)}`);
}
