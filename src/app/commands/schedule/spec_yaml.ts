import { entryOf } from "#schedules/entries.ts";
import { defaultsOf } from "#schedules/in_steps.ts";
import { innerSchedules } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** The parts of a printed spec that vary; the data and the model are built in, so that it runs anywhere. */
export interface SpecText {
  readonly name: string;
  readonly comments: readonly string[];
  readonly arm: string;
  /** The schedule as one line of YAML. */
  readonly schedule: string;
  readonly duration: string;
  readonly clipNorm: number | null;
  /** True for cycles that are meant to converge one by one: a snapshot of each, and a fresh optimizer after it. */
  readonly restarts: boolean;
}

/** A spec that `train` runs. */
export function specYaml({ name, comments, arm, schedule, duration, clipNorm, restarts }: SpecText): string {
  const clip = clipNorm === null ? "" : `, clip_norm: ${clipNorm}`;
  const reset = restarts ? ", reset_at_restart: true" : "";
  return [
    ...comments.map((comment) => `# ${comment}`),
    `name: ${name}`,
    "dataset: { name: shapes, train: 8000, validation: 2000 }",
    "model: cnn-small",
    `optimizer: { name: sgd, momentum: 0.9${clip}${reset} }`,
    "batch_size: 64",
    ...(restarts ? ["snapshots: { limit: 10 }"] : []),
    `duration: ${duration}`,
    "seeds: [1, 2, 3]",
    "arms:",
    `  - name: ${arm}`,
    `    schedule: ${schedule}`,
  ].join("\n") + "\n";
}

/** True for a schedule of more than one cycle whose cycles are meant to converge one by one. */
export function hasDescents(schedule: ScheduleSpec): boolean {
  const entry = entryOf(schedule.name);
  const cycling = entry?.lint?.cycling?.({ ...defaultsOf(entry), ...schedule } as never);
  return (cycling?.purpose === "descents" && cycling.limit !== 1) ||
    innerSchedules(schedule).some(({ spec }) => hasDescents(spec));
}
