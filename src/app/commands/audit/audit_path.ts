import { type Audit, audit } from "#audit/audit.ts";
import type { RateLog } from "#audit/log.ts";
import { type Plan, planOf } from "#audit/plan.ts";
import type { RunShape } from "#lib/duration.ts";
import { TrackerError } from "#trackers/model.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import { findRuns, pathsOf } from "../../trackers/find_runs.ts";
import { groupedBy } from "../../trackers/group_by.ts";
import { type LoggedRun, readRun } from "../../trackers/read_run.ts";
import { lengthOf } from "../../schedules/facts.ts";
import { oneArm } from "../schedule/one_arm.ts";
import { contextOf } from "../schedule/output.ts";
import { logOf, metricOf, originOf } from "./on_plan_clock.ts";
import { NoRates, rateSeries, stepsPerEpochOf } from "./rate_series.ts";

/** The options of `audit` that say what is known of the runs. */
export interface AuditOptions {
  readonly plan?: string | undefined;
  readonly arm?: string | undefined;
  readonly stepsPerEpoch?: number | undefined;
  readonly total?: number | undefined;
  readonly rate?: string | undefined;
  readonly metric?: string | undefined;
  /** As of `judge`: `folder`, `group`, or the name of a hyperparameter. */
  readonly groupBy?: string | undefined;
}

/** The audit of one series of rates. */
export interface AuditedRun {
  /** Path and name of the run. */
  readonly run: string;
  /** The setting that the run is grouped by; `null` where nobody asked. */
  readonly group: string | null;
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
 * Audits every series of learning rates in the runs at a path. Of several runs those that cannot be read, or have no rate,
 * are noted.
 *
 * @throws {UsageError} for a path without rates or of which no file can be read, and a plan that cannot be used.
 */
export async function auditPath(path: string, options: AuditOptions, io: CommandIo): Promise<Outcome> {
  const files = (await Promise.all((await pathsOf(path)).map(findRuns))).flat();
  const makePlan = options.plan === undefined ? null : await planFrom(options.plan, options, io);
  const found: RunAudits[] = [];
  const notes: string[] = [];
  for (const one of files) {
    // Steps that go back tell of a resume, so every point is kept where it stands.
    const read = await orRefusal(() => readRun(one, { keepsOrder: true }));
    if (read instanceof Error) {
      found.push({ run: null, audited: read });
      continue;
    }
    notes.push(...read.notes);
    for (const run of read.runs) {
      found.push({ run, audited: await orRefusal(() => auditRun(run, options, makePlan)) });
    }
  }
  const refused = found.flatMap(({ audited }) => audited instanceof Error ? [audited] : []);
  if (refused.length === found.length) throw new UsageError([refused[0]!.message, ...notes].join("\n"));
  const left = refused.map(({ message }) => `Left out: ${message}`);
  const { runs, without } = grouped(found, options.groupBy);
  return { planName: makePlan?.name ?? null, runs, notes: [...without, ...left, ...notes] };
}

/** A run with its audits, or why there are none; `null` for one that could not be read. */
interface RunAudits {
  readonly run: LoggedRun | null;
  readonly audited: readonly AuditedRun[] | Error;
}

/** The result of some work, or the error that says why a run is left out; any other error is thrown. */
async function orRefusal<T>(work: () => T | Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NoRates || error instanceof TrackerError) return error;
    throw error;
  }
}

/** The audits in the order of their groups, with the name of each. */
function grouped(
  found: readonly RunAudits[],
  by: string | undefined,
): { runs: AuditedRun[]; without: readonly string[] } {
  const used = found.flatMap(({ run, audited }) =>
    run === null || audited instanceof Error ? [] : [{ run, audited }]
  );
  if (by === undefined) return { runs: used.flatMap(({ audited }) => audited), without: [] };
  const { groups, left } = groupedBy(used, by);
  const runs = [...groups].flatMap(([group, runs]) =>
    runs.flatMap(({ audited }) => audited.map((one) => ({ ...one, group })))
  );
  return { runs, without: left };
}

/** A plan that still needs the length of the run. */
interface UnplacedPlan {
  readonly name: string;
  /** The step of the lineage at which its own time is 0: above 0 for an arm that goes `from` another. */
  readonly origin: number;
  place(lastStep: number, stepsPerEpoch: number | null): Plan;
}

async function planFrom(text: string, { arm, total }: AuditOptions, io: CommandIo): Promise<UnplacedPlan> {
  const found = await oneArm(arm === undefined ? text : `${text}#${arm}`, "--plan", io);
  const { name, schedule, run } = found.arm;
  const context = await contextOf({ ...found.arms, arms: [found.arm] });
  const planned = (shape: RunShape): Plan => {
    try {
      return planOf(schedule, shape, context);
    } catch (error) {
      throw new UsageError(`Cannot use the plan ${name}: ${(error as Error).message}`, { cause: error });
    }
  };
  return {
    name,
    origin: run?.origin ?? 0,
    place: (lastStep, stepsPerEpoch) => {
      if (run !== undefined) {
        const shape = { ...run.shape, stepsPerEpoch: stepsPerEpoch ?? run.shape.stepsPerEpoch };
        return planned(shape);
      }
      if (stepsPerEpoch === null && /epoch/.test(JSON.stringify(schedule))) {
        throw new UsageError(
          `The plan ${name} counts in epochs: give the steps in one with --steps-per-epoch`,
        );
      }
      const perEpoch = stepsPerEpoch ?? 1;
      const length = lengthOf(schedule, { stepsPerEpoch: perEpoch });
      return planned({ totalSteps: total ?? Math.max(lastStep + 1, length), stepsPerEpoch: perEpoch });
    },
  };
}

function auditRun(run: LoggedRun, options: AuditOptions, plan: UnplacedPlan | null): AuditedRun[] {
  const stepsPerEpoch = options.stepsPerEpoch ?? stepsPerEpochOf(run);
  const audited = rateSeries(run, options.rate).map((series): AuditedRun => {
    const origin = originOf(series, stepsPerEpoch, plan?.origin ?? 0);
    const { log, notes } = logOf(series, stepsPerEpoch, origin);
    const placed = plan?.place(log.steps.at(-1) ?? 0, stepsPerEpoch) ?? null;
    const known = {
      plan: placed,
      total: options.total ?? null,
      stepsPerEpoch: stepsPerEpoch ??
        (plan !== null && placed!.shape.stepsPerEpoch > 1 ? placed!.shape.stepsPerEpoch : null),
      metric: options.metric === undefined ? null : metricOf(run, options.metric, stepsPerEpoch, origin),
    };
    return {
      run: run.name === null ? run.path : `${run.path} · ${run.name}`,
      group: null,
      tag: series.tag,
      log,
      audit: audit(log, known),
      stepsPerEpoch: known.stepsPerEpoch,
      notes,
    };
  });
  return withoutMultiples(audited);
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
