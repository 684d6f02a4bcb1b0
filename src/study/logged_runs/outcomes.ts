import { figureOf } from "./figure.ts";
import type { Better } from "./metric_kind.ts";
import type { Figure, LoggedGroup, LoggedRun } from "./model.ts";
import { type PairBy, type PairKey, pairKeyOf } from "./pair_key.ts";

/** A run that ends before this share of its group's length was cut, where most of the group end together. */
const CUT = 0.9;

/** A run with its figure, or the reason that it has none. */
export interface RunOutcome {
  readonly run: LoggedRun;
  /** Seed, or what runs are paired by; `null` where it is not known. */
  readonly key: string | null;
  readonly isGuessed: boolean;
  readonly lastStep: number | null;
  readonly state:
    | { readonly kind: "finished"; readonly value: number }
    | { readonly kind: "failed" | "left out"; readonly why: string };
}

export interface OutcomeOptions {
  readonly metric: string;
  readonly figure: Figure;
  readonly better: Better;
  readonly pairBy: PairBy;
}

/**
 * The outcomes of all runs, a list for each group. A run has failed whose metric is missing or not finite at its end, or
 * that says so itself. A run is left out that was cut: it ends before 90 % of the step at which most of its group end.
 *
 * @throws {RangeError} for an area under the curve of runs without steps in common, or of steps and epochs.
 */
export function outcomesOf(groups: readonly LoggedGroup[], options: OutcomeOptions): RunOutcome[][] {
  const usual = groups.map(usualEnd);
  const { from, to, units } = sharedRange(groups, usual);
  if (options.figure === "auc" && (from > to || units.length > 1)) {
    throw new RangeError(
      `Cannot take the area under the curve of ${options.metric}: ` +
        (units.length > 1
          ? `some runs are logged by ${units[0]}, others by ${units[1]}`
          : `the runs have no steps in common (one begins at ${from}, another ends at ${to})`),
    );
  }
  return groups.map(({ runs }, group) => {
    const keys = keysOf(runs, options.pairBy);
    return runs.map((run, index): RunOutcome => ({
      run,
      key: keys[index]?.key ?? null,
      isGuessed: (keys[index]?.source ?? "setting") !== "setting",
      lastStep: lastStepOf(run),
      state: stateOf(run, usual[group]!, options, { from, to }),
    }));
  });
}

/** A mere number in names is no seed where two runs of a group share it: `lr-1e-3` ends in one too. */
function keysOf(runs: readonly LoggedRun[], by: PairBy): (PairKey | null)[] {
  const keys = runs.map((run) => pairKeyOf(run, by));
  const numbers = keys.flatMap((key) => key?.source === "number in name" ? [key.key] : []);
  const isRepeated = new Set(numbers).size < numbers.length;
  return keys.map((key) => isRepeated && key?.source === "number in name" ? null : key);
}

function stateOf(
  run: LoggedRun,
  usualEnd: number | null,
  { metric, figure, better }: OutcomeOptions,
  range: { readonly from: number; readonly to: number },
): RunOutcome["state"] {
  const end = lastStepOf(run);
  if (run.metric === null || end === null) return { kind: "failed", why: `has no ${metric}` };
  const last = run.metric.values[run.metric.values.length - 1]!;
  if (!Number.isFinite(last)) return { kind: "failed", why: `${metric} is ${last} at its end` };
  if (run.settings.ended === "diverged") return { kind: "failed", why: "diverged" };
  if (isCut(run, usualEnd)) {
    return {
      kind: "left out",
      why: `ends at ${run.metric.unit} ${end} of ${usualEnd}: it was cut, or still runs`,
    };
  }
  const value = figureOf(run.metric, figure, { better, ...range });
  return value === null
    ? { kind: "failed", why: `${metric} has no finite value` }
    : { kind: "finished", value };
}

function isCut(run: LoggedRun, usualEnd: number | null): boolean {
  const end = lastStepOf(run);
  return end !== null && usualEnd !== null && end < CUT * usualEnd && run.settings.ended !== "diverged";
}

/** The step at which more than half of a group's runs end; `null` where they end at steps of their own. */
function usualEnd({ runs }: LoggedGroup): number | null {
  const ends = runs.map(lastStepOf).filter((end) => end !== null);
  const [most] = [...Map.groupBy(ends, (end) => end)].sort(([, a], [, b]) => b.length - a.length);
  return most !== undefined && most[1].length > ends.length / 2 && most[1].length > 1 ? most[0] : null;
}

/** Steps that all runs have which are compared, and the units in which they are counted. */
function sharedRange(
  groups: readonly LoggedGroup[],
  usual: readonly (number | null)[],
): { readonly from: number; readonly to: number; readonly units: readonly string[] } {
  const kept = groups.flatMap(({ runs }, group) => runs.filter((run) => !isCut(run, usual[group]!)));
  const series = kept.flatMap(({ metric }) => metric !== null && metric.steps.length > 0 ? [metric] : []);
  return {
    from: Math.max(...series.map(({ steps }) => steps[0]!)),
    to: Math.min(...series.map(({ steps }) => steps[steps.length - 1]!)),
    units: [...new Set(series.map(({ unit }) => unit))],
  };
}

function lastStepOf({ metric }: LoggedRun): number | null {
  return metric === null || metric.steps.length === 0 ? null : metric.steps[metric.steps.length - 1]!;
}
