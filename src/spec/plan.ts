import { durationToSteps, parseDuration } from "#lib/duration.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { stepsPerEpoch } from "#train/batches.ts";
import type { RunPlan } from "./run_plan.ts";
import { readPath, setIn } from "./path.ts";
import type { Spec } from "./schema.ts";
import { tunedArm, withRate } from "./tuned.ts";

/** The rate that tuning chose for each arm. */
export type ChosenRates = ReadonlyMap<string, number>;

/** One way to fill a sweep's axes: an index into each axis' values. */
export interface SweepCell {
  readonly at: readonly number[];
  readonly plans: readonly RunPlan[];
}

/** Every arm with every rate and tuning seed, so that all arms have the same budget. Empty without `tune`. */
export function planTuning(spec: Spec, trainImages: number): RunPlan[] {
  if (!spec.tune) return [];
  const plans: RunPlan[] = [];
  const arms = tunedArms(spec);
  const labels = distinct(arms.map(({ name }) => name));
  for (const [index, arm] of arms.entries()) {
    for (const rate of spec.tune.rates) {
      for (const seed of spec.tune.seeds) {
        const schedule = withRate(arm.schedule, rate);
        plans.push(
          run(spec, trainImages, {
            role: "tune",
            arm: arm.name,
            label: `tune ${labels[index]} ${rate}`,
            schedule,
            seed,
          }),
        );
      }
    }
  }
  return plans;
}

/** The arms whose own rate is tuned. */
export function tunedArms(spec: Spec): Spec["arms"] {
  const wanted = new Set(
    spec.arms.map((arm) => tunedArm(arm.schedule, arm.name)).filter((name) => name !== null),
  );
  return spec.arms.filter(({ name }) => wanted.has(name));
}

/** Every arm with every seed, rates written out. */
export function planArms(spec: Spec, trainImages: number, chosen: ChosenRates): RunPlan[] {
  const labels = distinct(spec.arms.map(({ name }) => name));
  return spec.arms.flatMap((arm, index) =>
    spec.seeds.map((seed) =>
      run(spec, trainImages, {
        role: "arm",
        arm: arm.name,
        label: labels[index]!,
        schedule: resolve(arm.schedule, arm.name, chosen),
        seed,
      })
    )
  );
}

/** Every combination of the sweep's values with every seed. Empty without `sweep`. */
export function planSweep(spec: Spec, trainImages: number, chosen: ChosenRates): SweepCell[] {
  if (!spec.sweep) return [];
  const axes = Object.entries(spec.sweep.over).map(([text, values]) => ({ path: readPath(text), values }));
  const armIndex = axes[0]!.path[1] as number;
  const arm = spec.arms[armIndex]!;
  return combinations(axes.map(({ values }) => values.length)).map((at) => {
    const changed = axes.reduce<unknown>(
      (schedule, axis, number) => setIn(schedule, axis.path.slice(3), axis.values[at[number]!]),
      resolve(arm.schedule, arm.name, chosen),
    ) as ScheduleSpec;
    const plans = (spec.sweep!.seeds ?? spec.seeds).map((seed) =>
      run(spec, trainImages, {
        role: "sweep",
        arm: arm.name,
        label: `sweep ${at.join("-")}`,
        schedule: changed,
        seed,
      })
    );
    return { at, plans };
  });
}

/** Two plans with the same key are the same run: only their name and role differ. */
export function runKey(plan: RunPlan): string {
  const { id: _id, role: _role, arm: _arm, read_test: _test, ...rest } = plan;
  return canonical(rest);
}

/** JSON with sorted keys: equal data gives equal text. */
function canonical(data: unknown): string {
  return JSON.stringify(
    data,
    (_key, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
        : value,
  );
}

function resolve(schedule: ScheduleSpec, arm: string, chosen: ChosenRates): ScheduleSpec {
  const source = tunedArm(schedule, arm);
  if (source === null) return schedule;
  const rate = chosen.get(source);
  if (rate === undefined) {
    throw new RangeError(`Cannot plan arm ${JSON.stringify(arm)}: no rate was tuned for it`);
  }
  return withRate(schedule, rate);
}

interface Slot {
  readonly role: RunPlan["role"];
  readonly arm: string;
  readonly label: string;
  readonly schedule: ScheduleSpec;
  readonly seed: number;
}

function run(spec: Spec, trainImages: number, { role, arm, label, schedule, seed }: Slot): RunPlan {
  const perEpoch = stepsPerEpoch(trainImages, spec.batch_size);
  const length = parseDuration(spec.duration);
  if (length.unit === "percent") {
    throw new RangeError("Cannot plan a run of a percentage: write its duration in epochs or steps");
  }
  const totalSteps = durationToSteps(length, { totalSteps: 0, stepsPerEpoch: perEpoch });
  if (totalSteps < 1) throw new RangeError(`Cannot plan a run of ${spec.duration}: that is no update at all`);
  const shape = { totalSteps, stepsPerEpoch: perEpoch };
  return {
    id: `${slug(label)}-${seed}`,
    role,
    arm,
    seed,
    dataset: spec.dataset,
    model: spec.model,
    optimizer: spec.optimizer,
    schedule,
    batch_size: spec.batch_size,
    total_steps: totalSteps,
    steps_per_epoch: perEpoch,
    eval_every: Math.max(1, durationToSteps(parseDuration(spec.eval_every), shape)),
    read_test: role === "arm",
  };
}

/** Folder-safe labels can meet (`a b` and `a-b`): the later ones are numbered. */
function distinct(labels: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return labels.map((label) => {
    const times = (seen.get(slug(label)) ?? 0) + 1;
    seen.set(slug(label), times);
    return times === 1 ? label : `${label} ${times}`;
  });
}

/** A name that is safe as a folder on every system. */
export function slug(text: string): string {
  const plain = text.normalize("NFKD").replace(/×/g, "x").toLowerCase().replace(/[^a-z0-9.]+/g, "-");
  return plain.replace(/^[-.]+|[-.]+$/g, "").slice(0, 80) || "arm";
}

function combinations(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (heads, size) => heads.flatMap((head) => Array.from({ length: size }, (_, index) => [...head, index])),
    [[]],
  );
}
