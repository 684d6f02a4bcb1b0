import { emitSchedule } from "#export/emit.ts";
import { lintSchedule } from "#lint/lint.ts";
import type { PlaygroundArm } from "#report/sections/playground/part.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { CATALOGUE } from "#schedules/entries.ts";
import type { Finding } from "#schedules/finding.ts";
import type { Framework } from "#schedules/frameworks/exports.ts";
import { printSchedule, printValue } from "#schedules/print.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { ratesOver } from "#theory/convex_bound.ts";
import { predict, type Prediction } from "#theory/prediction.ts";

/** Rates and momentum at some steps of the lineage, ascending. */
export interface ArmCurve {
  readonly steps: Float64Array;
  readonly lr: Float64Array;
  readonly momentum: Float64Array | null;
}

/** The most steps that a curve is asked for; of a longer run they are spread evenly, its last one among them. */
export const MOST_POINTS = 5000;

/** @throws what `buildSchedule` throws, for a schedule that cannot be built. */
export function curveOf({ run }: PlaygroundArm, schedule: ScheduleSpec): ArmCurve {
  const { lr, momentum } = buildSchedule(schedule, run.shape);
  const count = Math.min(MOST_POINTS, run.steps);
  const at = (point: number) => count === 1 ? 0 : Math.round(point * (run.steps - 1) / (count - 1));
  const begin = run.origin + run.first;
  return {
    steps: ratesOver(count, (point) => begin + at(point)),
    lr: ratesOver(count, (point) => lr(run.first + at(point))),
    momentum: momentum === null ? null : ratesOver(count, (point) => momentum(run.first + at(point))),
  };
}

/** The results that take all steps of a run. */
export interface ArmDetails {
  readonly first: number;
  readonly largest: number;
  readonly smallest: number;
  readonly last: number;
  /** `null` for a schedule without cycles. */
  readonly restarts: number | null;
  /** `null` where no rate is above 0. */
  readonly prediction: Prediction | null;
  /** The metric that its rates depend on; `null` for none. */
  readonly dependsOn: string | null;
  readonly findings: readonly Finding[];
}

/** @throws what `buildSchedule` throws, for a schedule that cannot be built. */
export function detailsOf({ run }: PlaygroundArm, schedule: ScheduleSpec): ArmDetails {
  const { lr, cycles, feedback } = buildSchedule(schedule, run.shape);
  const rates = ratesOver(run.steps, (step) => lr(run.first + step));
  let restarts = 0;
  for (let step = 0; cycles !== null && step < run.steps; step++) {
    if (cycles(run.first + step).isRestart) restarts++;
  }
  return {
    first: rates[0]!,
    largest: rates.reduce((a, b) => Math.max(a, b)),
    smallest: rates.reduce((a, b) => Math.min(a, b)),
    last: rates[rates.length - 1]!,
    restarts: cycles === null ? null : restarts,
    prediction: predict(rates),
    dependsOn: feedback?.metric ?? null,
    findings: lintSchedule(schedule, run.shape, run.facts),
  };
}

/** The name of an arm: one that only describes its schedule follows that. */
export function nameOf({ name, schedule: given }: PlaygroundArm, schedule: ScheduleSpec): string {
  return name === describeSchedule(given) ? describeSchedule(schedule) : name;
}

/** The rate of a step of the lineage; `null` outside of the run. */
export function rateAt({ run }: PlaygroundArm, schedule: ScheduleSpec, step: number): number | null {
  const own = step - run.origin;
  if (own < run.first || own >= run.first + run.steps) return null;
  return buildSchedule(schedule, run.shape).lr(own);
}

/** The schedules as a file that `schedule --file` reads, and whose arms fit into a spec. */
export function yamlOf(arms: readonly { readonly name: string; readonly schedule: ScheduleSpec }[]): string {
  return [
    "arms:",
    ...arms.flatMap(({ name, schedule }) => [
      `  - name: ${printValue(name)}`,
      `    schedule: ${printSchedule(schedule)}`,
    ]),
  ].join("\n") + "\n";
}

/** The schedule as code for a framework, as `schedule --emit` prints it; the reason where there is none. */
export function codeOf(
  { run, optimizer }: PlaygroundArm,
  schedule: ScheduleSpec,
  framework: Framework,
): string {
  try {
    return emitSchedule(schedule, run.shape, framework, CATALOGUE, optimizer);
  } catch (error) {
    return `# ${(error as Error).message}\n`;
  }
}
