import { type Audit, audit } from "#audit/audit.ts";
import type { Metric } from "#audit/case.ts";
import { type RateLog, rateLog } from "#audit/log.ts";
import { type Plan, planOf } from "#audit/plan.ts";
import { suggest } from "#lib/nearest.ts";
import { scheduleLength } from "#schedules/length.ts";
import type { StepUnit } from "#trackers/model.ts";
import type { Series } from "#trackers/series.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import { findRuns, pathsOf } from "../../trackers/find_runs.ts";
import { type LoggedRun, readRun } from "../../trackers/read_run.ts";
import { oneArm } from "../schedule/one_arm.ts";
import { contextOf } from "../schedule/output.ts";
import { NoRates, rateSeries, stepsPerEpochOf } from "./rate_series.ts";

/** The options of `audit` that say what is known of the runs. */
export interface AuditOptions {
  readonly plan?: string | undefined;
  readonly arm?: string | undefined;
  readonly stepsPerEpoch?: number | undefined;
  readonly total?: number | undefined;
  readonly rate?: string | undefined;
  readonly metric?: string | undefined;
}

/** The audit of one series of rates. */
export interface AuditedRun {
  /** Path and name of the run. */
  readonly run: string;
  /** The series, as the file names it. */
  readonly tag: string;
  readonly log: RateLog;
  readonly audit: Audit;
  readonly stepsPerEpoch: number | null;
  readonly notes: readonly string[];
}

export interface Outcome {
  /** The name of the plan; `null` without one. */
  readonly planName: string | null;
  readonly runs: readonly AuditedRun[];
  readonly notes: readonly string[];
}

/** Rates that are multiples of each other within this are of one schedule. */
const SAME_SHAPE = 1e-4;

/**
 * Audits every series of learning rates in the runs at a path. A run without rates is left out where others have them.
 *
 * @throws {UsageError} for a path without rates, and a plan that cannot be used.
 */
export async function auditPath(path: string, options: AuditOptions, io: CommandIo): Promise<Outcome> {
  const files = (await Promise.all((await pathsOf(path)).map(findRuns))).flat();
  const makePlan = options.plan === undefined ? null : await planFrom(options.plan, options, io);
  const runs: AuditedRun[] = [];
  const notes: string[] = [];
  const without: NoRates[] = [];
  for (const one of files) {
    // Steps that go back tell of a resume, so every point is kept where it stands.
    const read = await readRun(one, { keepsOrder: true });
    notes.push(...read.notes);
    for (const run of read.runs) {
      try {
        runs.push(...auditRun(run, options, makePlan));
      } catch (error) {
        if (!(error instanceof NoRates)) throw error;
        without.push(error);
      }
    }
  }
  if (runs.length === 0) throw new UsageError([without[0]!.message, ...notes].join("\n"));
  const leftOut = without.map(({ message }) => `Left out: ${message}`);
  return { planName: makePlan?.name ?? null, runs, notes: [...notes, ...leftOut] };
}

/** A plan that still needs the length of the run. */
interface UnplacedPlan {
  readonly name: string;
  place(lastStep: number, stepsPerEpoch: number | null): Plan;
}

async function planFrom(text: string, { arm, total }: AuditOptions, io: CommandIo): Promise<UnplacedPlan> {
  const found = await oneArm(arm === undefined ? text : `${text}#${arm}`, io);
  const { name, schedule, run } = found.arm;
  const context = await contextOf({ ...found.arms, arms: [found.arm] });
  return {
    name,
    place: (lastStep, stepsPerEpoch) => {
      if (run !== undefined) {
        const shape = { ...run.shape, stepsPerEpoch: stepsPerEpoch ?? run.shape.stepsPerEpoch };
        return planOf(schedule, shape, context);
      }
      if (stepsPerEpoch === null && /epoch/.test(JSON.stringify(schedule))) {
        throw new UsageError(
          `The plan ${name} counts in epochs: give the steps in one with --steps-per-epoch`,
        );
      }
      const perEpoch = stepsPerEpoch ?? 1;
      const length = scheduleLength(schedule, { stepsPerEpoch: perEpoch });
      return planOf(schedule, {
        totalSteps: total ?? Math.max(lastStep + 1, length),
        stepsPerEpoch: perEpoch,
      }, context);
    },
  };
}

function auditRun(run: LoggedRun, options: AuditOptions, plan: UnplacedPlan | null): AuditedRun[] {
  const stepsPerEpoch = options.stepsPerEpoch ?? stepsPerEpochOf(run);
  const metric = options.metric === undefined ? null : metricOf(run, options.metric, stepsPerEpoch);
  const audited = rateSeries(run, options.rate).map((series): AuditedRun => {
    const { log, notes } = logOf(series, stepsPerEpoch);
    const placed = plan?.place(log.steps.at(-1) ?? 0, stepsPerEpoch) ?? null;
    const known = {
      plan: placed,
      total: options.total ?? null,
      stepsPerEpoch: stepsPerEpoch ??
        (plan !== null && placed!.shape.stepsPerEpoch > 1 ? placed!.shape.stepsPerEpoch : null),
      metric,
    };
    return {
      run: run.name === null ? run.path : `${run.path} · ${run.name}`,
      tag: series.tag,
      log,
      audit: audit(log, known),
      stepsPerEpoch: known.stepsPerEpoch,
      notes,
    };
  });
  return withoutMultiples(audited);
}

/** Updates in a unit of a log's steps. */
const perUnitOf = (unit: StepUnit, stepsPerEpoch: number | null): number =>
  unit === "epoch" ? stepsPerEpoch ?? 1 : 1;

/** Points of a series on the clock of updates. */
function logOf(
  { steps, values, unit, every }: Series,
  stepsPerEpoch: number | null,
): { log: RateLog; notes: string[] } {
  const perUnit = perUnitOf(unit, stepsPerEpoch);
  const points = function* () {
    for (let i = 0; i < steps.length; i++) yield { step: steps[i]! * perUnit, rate: values[i]! };
  };
  const log = rateLog(points());
  return {
    log,
    notes: [
      ...log.notes,
      ...(every > 1 ? [`The log is long: every ${every}th point was read.`] : []),
      ...(unit === "epoch" && stepsPerEpoch === null
        ? ["The log counts epochs, and so does this audit: give --steps-per-epoch for steps."]
        : []),
      ...(unit === "row" ? ["The log has no steps: its rows are counted from 0."] : []),
    ],
  };
}

/** Of parameter groups whose rates are multiples of each other the first stands for all. */
function withoutMultiples(audited: readonly AuditedRun[]): AuditedRun[] {
  const kept: AuditedRun[] = [];
  for (const one of audited) {
    const at = kept.findIndex(({ log }) => timesAs(log, one.log) !== null);
    if (at < 0) {
      kept.push(one);
      continue;
    }
    const note = `${one.tag} has the same schedule, times ${
      Number(timesAs(kept[at]!.log, one.log)!.toPrecision(4))
    }.`;
    kept[at] = { ...kept[at]!, notes: [...kept[at]!.notes, note] };
  }
  return kept;
}

/** The factor between two logs of the same steps; `null` where there is no single one. */
function timesAs(a: RateLog, b: RateLog): number | null {
  if (a.steps.length !== b.steps.length || a.steps.some((step, i) => step !== b.steps[i])) return null;
  const top = a.rates.reduce((most, rate, i) => rate > a.rates[most]! ? i : most, 0);
  const times = b.rates[top]! / a.rates[top]!;
  const peak = Math.abs(b.rates[top] ?? 0);
  return times > 0 && a.rates.every((rate, i) => Math.abs(times * rate - b.rates[i]!) <= SAME_SHAPE * peak)
    ? times
    : null;
}

/** A watched metric on the clock of updates; where its steps go back, as after a resume, the later points count. */
function metricOf({ series, path }: LoggedRun, tag: string, stepsPerEpoch: number | null): Metric {
  const found = series.get(tag);
  if (found === undefined) {
    throw new UsageError(
      `${path}: there is no series ${JSON.stringify(tag)}; ${suggest(tag, [...series.keys()])}`,
    );
  }
  const perUnit = perUnitOf(found.unit, stepsPerEpoch);
  const kept: { step: number; value: number }[] = [];
  for (const [i, own] of found.steps.entries()) {
    const [step, value] = [own * perUnit, found.values[i]!];
    if (!Number.isFinite(value)) continue;
    while (kept.length > 0 && kept.at(-1)!.step >= step) kept.pop();
    kept.push({ step, value });
  }
  return kept;
}
