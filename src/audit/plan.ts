import { parseDuration, type RunShape } from "#lib/duration.ts";
import type { BuildContext } from "#schedules/entry.ts";
import { inSteps } from "#schedules/in_steps.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { FeedbackSchedule, Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { type EntryNode, nodesOf } from "#lint/nodes.ts";

/** A schedule as it was meant, on the clock of the scheduler that a framework calls. */
export interface Plan {
  /** Durations in steps. */
  readonly spec: ScheduleSpec;
  readonly shape: RunShape;
  /** The rate of an update. */
  readonly rate: Schedule;
  /** Updates from one call of the scheduler to the next: 1, or an epoch's. */
  readonly unit: number;
  /** True where the schedule is written in epochs. */
  readonly isInEpochs: boolean;
  /** The rate after so many calls; real numbers are taken where the formula takes them. */
  readonly after: Schedule;
  /** Calls in the warmup; 0 without. */
  readonly warmup: number;
  /** Calls until the schedule has come to its end; `null` for one that has none. */
  readonly end: number | null;
  /** The same schedule with another end, in calls: one for each length that may be another; empty where it has no end. */
  readonly withEnd: readonly ((calls: number) => Schedule | null)[];
  /** The same with the warmup counted in another way. */
  readonly otherWarmups: readonly { readonly after: Schedule; readonly isOnTop: boolean }[];
  /** Present where the rate depends on evaluations. */
  readonly feedback: FeedbackSchedule | null;
}

/** @throws what {@link buildSchedule} throws, for a schedule that cannot be built. */
export function planOf(spec: ScheduleSpec, shape: RunShape, context: BuildContext = {}): Plan {
  const { lr, feedback } = buildSchedule(spec, shape, context);
  const { update, ...resolved } = inSteps(spec, shape, context) as ScheduleSpec & { update?: string };
  const unit = update === "epoch" ? shape.stepsPerEpoch : 1;
  /** A changed schedule on the clock of calls; `null` where it cannot be built. */
  const clockOf = (changed: ScheduleSpec): Schedule | null => {
    try {
      const built = buildSchedule(changed, shape, context).lr;
      return (calls) => built(calls * unit);
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) return null;
      throw error;
    }
  };
  const [root] = nodesOf(resolved as ScheduleSpec, shape, {}, context) as [EntryNode];
  const places = endsOf(root);
  const ramp = root.spec.name === "warmup"
    ? root.values.duration as number
    : root.values.warmup as number ?? 0;
  return {
    spec: resolved as ScheduleSpec,
    shape,
    rate: lr,
    unit,
    isInEpochs: /epoch/.test(JSON.stringify(spec)),
    after: clockOf(resolved as ScheduleSpec)!,
    warmup: typeof ramp === "number" ? ramp / unit : 0,
    end: places === null ? null : places.end / unit,
    withEnd: places === null ? [] : places.keys.map((key) => (calls) => {
      const longer = calls * unit - places.end;
      return clockOf(lengthened(resolved as ScheduleSpec, places.path, key, longer) ?? { name: "" });
    }),
    otherWarmups: warmupsOf(root, clockOf),
    feedback,
  };
}

/** The end of a schedule, or of the one under its warmup, and the keys that set it. */
function endsOf(root: EntryNode): { end: number; keys: readonly string[]; path: readonly string[] } | null {
  const node = root.spec.name === "warmup" ? root.inner[0] : root;
  const own = node?.entry.lint?.end?.(node.values) ?? null;
  if (own === null || node === undefined) return null;
  const before = node === root || root.values.clock === "run" ? 0 : root.values.duration as number;
  return {
    end: before + own.steps,
    keys: [own.key, ...own.others ?? []],
    path: node === root ? [] : ["then"],
  };
}

/** A schedule with one of its lengths changed by so many steps; `null` where nothing would be left of it. */
function lengthened(
  spec: ScheduleSpec,
  path: readonly string[],
  key: string,
  by: number,
): ScheduleSpec | null {
  const [first] = path;
  if (first !== undefined) {
    const inner = lengthened(spec[first] as ScheduleSpec, path.slice(1), key, by);
    return inner === null ? null : { ...spec, [first]: inner };
  }
  const steps = Math.round(parseDuration(spec[key]).value + by);
  return steps < 1 ? null : { ...spec, [key]: `${steps} steps` };
}

/** The ways in which a warmup can be counted into a run: before what follows it, as a part of it, or over its start. */
function warmupsOf(root: EntryNode, clockOf: (spec: ScheduleSpec) => Schedule | null): Plan["otherWarmups"] {
  if (root.spec.name !== "warmup" || root.values.duration === 0) return [];
  const ramp = root.values.duration as number;
  const ends = endsOf(root);
  const { spec } = root;
  const onRun = { ...spec, clock: spec.clock === "run" ? "own" : "run" };
  const variants = ends === null ? [[onRun, false] as const] : [
    [lengthened(spec, ends.path, ends.keys[0]!, ramp), true] as const,
    [lengthened(onRun, ends.path, ends.keys[0]!, ramp), false] as const,
    [onRun, false] as const,
    [lengthened(spec, ends.path, ends.keys[0]!, -ramp), false] as const,
  ];
  return variants.flatMap(([changed, isOnTop]) => {
    const after = changed === null ? null : clockOf(changed);
    return after === null ? [] : [{ after, isOnTop }];
  });
}
