import type { JudgedGroup, Judgement } from "#results/judgement.ts";
import { finiteOf, mean, sampleSd } from "#stats/summary.ts";
import { compared, type Rules } from "./comparison.ts";
import { type Better, metricKind, resolutionOf } from "./metric_kind.ts";
import type { Figure, LoggedGroup } from "./model.ts";
import { notesOn } from "./notes.ts";
import { type OutcomeOptions, outcomesOf, type RunOutcome } from "./outcomes.ts";
import type { PairBy } from "./pair_key.ts";

export interface JudgeOptions {
  /** Name of the metric, as the logs have it. */
  readonly metric: string;
  readonly figure: Figure;
  /** Guessed from the metric's name if not given. */
  readonly better?: Better | undefined;
  /** A difference up to this, either way, does not matter, in the metric's own unit; the usual one if not given. */
  readonly margin?: number | undefined;
  /** The group that the others are set against; the first if not given. */
  readonly baseline?: string | undefined;
  readonly confidence: number;
  readonly pairBy: PairBy;
  /** ISO 8601. */
  readonly at: string;
  /** Sentences on what reading left out. */
  readonly notes: readonly string[];
}

/** Exit codes of the decisions, for scripts. */
const EXIT_CODES = { for: 0, against: 1, "no difference that matters": 2, open: 3 } as const;

/**
 * Sets every group against the baseline, and says whether it is better. The same rules as of experiments of the lab
 * (`docs/evidence.md`): intervals that hold together, margins, failures as an outcome of their own.
 *
 * @param groups two or more, each with a run.
 * @throws {RangeError} for one group alone, a baseline that is none of them, or a metric whose better direction is not
 * known; area under the curve of runs without steps in common.
 */
export function judgeRuns(groups: readonly LoggedGroup[], options: JudgeOptions): Judgement {
  const baseline = baselineOf(groups, options.baseline);
  const values = groups.flatMap(({ runs }) => runs.flatMap(({ metric }) => lastFinite(metric?.values ?? [])));
  const kind = metricKind(options.metric, values);
  const better = options.better ?? kind.better;
  if (better === null) {
    throw new RangeError(
      `Cannot tell from its name whether ${options.metric} is better higher or lower: say so with --mode max or --mode min`,
    );
  }
  const asked: OutcomeOptions = {
    metric: options.metric,
    figure: options.figure,
    better,
    pairBy: options.pairBy,
  };
  const outcomes = outcomesOf(groups, asked);
  const margin = options.margin ?? kind.margin;
  const rules: Rules = {
    better,
    unit: kind.unit,
    scale: kind.scale,
    margin,
    what: options.pairBy.kind === "setting" ? options.pairBy.name : options.pairBy.kind,
    // A mean over steps is no reading that was rounded.
    resolution: options.figure === "auc" ? 0 : resolutionOf(values),
    largest: kind.largest,
    family: groups.length - 1,
    confidence: options.confidence,
  };
  const index = groups.findIndex(({ name }) => name === baseline);
  const comparisons = groups.flatMap(({ name }, at) =>
    at === index ? [] : [compared({ name, against: baseline }, outcomes[at]!, outcomes[index]!, rules)]
  );
  const { decision } = comparisons.at(-1)!;
  return {
    version: 2,
    kind: "judgement",
    at: options.at,
    metric: {
      name: options.metric,
      figure: options.figure,
      better,
      better_guessed: options.better === undefined,
      unit: kind.unit,
      scale: kind.scale,
      resolution: rules.resolution,
    },
    margin,
    margin_guessed: options.margin === undefined && margin !== null,
    confidence: options.confidence,
    baseline,
    groups: groups.map(({ name }, at) => groupOf(name, outcomes[at]!)),
    comparisons,
    decision,
    exit_code: EXIT_CODES[decision],
    notes: [...notesOn(groups, outcomes, comparisons, rules.what), ...options.notes],
  };
}

function baselineOf(groups: readonly LoggedGroup[], asked: string | undefined): string {
  const names = groups.map(({ name }) => name);
  if (groups.length < 2) {
    throw new RangeError(
      `Cannot judge ${
        names.length === 0 ? "no group" : `group ${names[0]} alone`
      }: name two groups or more, ` +
        "such as A=runs/a* B=runs/b*",
    );
  }
  if (asked === undefined || names.includes(asked)) return asked ?? names[0]!;
  throw new RangeError(`No group is called ${asked}: the groups are ${names.join(", ")}`);
}

/** The last finite value, which separates shares from percent, and how values were rounded. */
function lastFinite(values: ArrayLike<number>): number[] {
  for (let i = values.length - 1; i >= 0; i--) if (Number.isFinite(values[i]!)) return [values[i]!];
  return [];
}

function groupOf(name: string, outcomes: readonly RunOutcome[]): JudgedGroup {
  const values = finiteOf(outcomes.map(({ state }) => state.kind === "finished" ? state.value : null));
  return {
    name,
    runs: outcomes.map(({ run, key, isGuessed, lastStep, state }) => ({
      name: run.name,
      path: run.path,
      seed: key,
      seed_guessed: isGuessed,
      last_step: lastStep,
      state: state.kind,
      value: state.kind === "finished" ? state.value : null,
      ...(state.kind !== "finished" && { why: state.why }),
    })),
    finished: values.length,
    failed: outcomes.filter(({ state }) => state.kind === "failed").length,
    mean: values.length === 0 ? null : mean(values),
    sd: values.length < 2 ? null : sampleSd(values),
  };
}
