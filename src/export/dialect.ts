import type { RunShape } from "#lib/duration.ts";
import { customModules } from "#schedules/custom.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import type { Natives } from "./framework.ts";
import { sameRate } from "./choose.ts";
import { kerasNatives } from "./keras.ts";
import { plateauDialects } from "./dialect_plateau.ts";
import { optaxNatives } from "./optax_natives.ts";
import { pytorchNatives } from "./pytorch.ts";
import { timmNatives } from "./timm.ts";
import { transformersNatives } from "./transformers.ts";

/** What a framework gives for the schedule that looks the same there. */
export interface Dialect {
  readonly framework: string;
  /** The call that looks the same; `null` where the framework has nothing of the kind. */
  readonly call: string | null;
  /** Why its rates differ, or why there are none; empty where they agree. */
  readonly why: string;
  /** Steps whose rates differ, of those compared; `null` where it gives none. */
  readonly differing: number | null;
  readonly compared: number;
  /** What is counted; a plateau is compared over evaluations of a metric that never improves. */
  readonly unit: "steps" | "evaluations";
  /** Some of the differing steps: the first ones, the one that differs most, the last. */
  readonly samples: readonly { readonly step: number; readonly ours: number; readonly theirs: number }[];
}

const DIALECTS: readonly (readonly [string, Natives])[] = [
  ["PyTorch", pytorchNatives],
  ["Keras", kerasNatives],
  ["optax", optaxNatives],
  ["timm", timmNatives],
  ["transformers", transformersNatives],
];

/** A tenth past the run's end is compared too: that is where some schedules rebound. */
const PAST_END = 1.1;
const MOST_STEPS = 200_000;
const SAMPLES = 6;

/** Where each framework gives other rates for what looks like the same schedule, and why. */
export function compareDialects(spec: ScheduleSpec, shape: RunShape): Dialect[] {
  if (customModules(spec).length > 0) {
    throw new RangeError("Cannot compare a custom schedule: no framework has anything that looks the same");
  }
  if (spec.name === "plateau" && spec.scales == null) return comparePlateaus(spec, shape);
  const { lr, feedback } = buildSchedule(spec, shape);
  const compared = Math.min(MOST_STEPS, Math.ceil(shape.totalSteps * PAST_END));
  return DIALECTS.map(([framework, natives]) => {
    const [native] = spec.update === "epoch" || feedback !== null ? [] : natives(spec, shape, lr);
    const nothing = { framework, differing: null, compared, unit: "steps" as const, samples: [] };
    if (native === undefined) return { ...nothing, call: null, why: whyNothing(spec, feedback !== null) };
    if (native.rate === null) return { ...nothing, call: native.call, why: native.why };
    return side(framework, native.call, native.why, lr, native.rate, compared, "steps");
  });
}

function whyNothing(spec: ScheduleSpec, dependsOnEvaluations: boolean): string {
  if (spec.update === "epoch") return "compare it with update: step";
  return dependsOnEvaluations ? "its rates depend on evaluations" : "it has no schedule of this shape";
}

function comparePlateaus(spec: ScheduleSpec, shape: RunShape): Dialect[] {
  const { ours, evaluations, dialects } = plateauDialects(spec, shape);
  return dialects.map(({ framework, call, why, rate }) =>
    side(framework, call, why, ours, rate, evaluations, "evaluations")
  );
}

/** One framework beside ours. */
function side(
  framework: string,
  call: string,
  why: string,
  ours: Schedule,
  theirs: Schedule,
  compared: number,
  unit: Dialect["unit"],
): Dialect {
  const steps = differingSteps(ours, theirs, compared);
  const samples = pick(steps, ours, theirs).map((step) => ({ step, ours: ours(step), theirs: theirs(step) }));
  return {
    framework,
    call,
    why: steps.length === 0 ? "" : why,
    differing: steps.length,
    compared,
    unit,
    samples,
  };
}

/** The comparison as text, differing steps side by side. */
export function printDialects(dialects: readonly Dialect[]): string {
  return dialects.map(({ framework, call, why, differing, compared, unit, samples }) => {
    const title = `  ${framework}: ${call === null ? "" : call.replaceAll(/\s*\n\s*/g, " ")}`.trimEnd();
    if (differing === null) return `${title}${call === null ? "" : "\n   "} ${why}`;
    if (differing === 0) return `${title}\n    the same for all ${compared} ${unit}`;
    const rows = samples.map(({ step, ours, theirs }) =>
      `    ${String(step).padStart(8)}  ${show(ours)}  ${show(theirs)}`
    );
    return [
      title,
      `    differs at ${differing} of ${compared} ${unit}: ${why}`,
      `${unit.slice(0, -1).padStart(12)}  ${"here".padEnd(14)}  ${framework}`,
      ...rows,
    ].join("\n");
  }).join("\n") + "\n";
}

const show = (rate: number) =>
  (Number.isNaN(rate) ? "refuses" : String(Number(rate.toPrecision(8)))).padEnd(14);

function differingSteps(ours: Schedule, theirs: Schedule, compared: number): number[] {
  const found: number[] = [];
  for (let t = 0; t < compared; t++) {
    if (!sameRate(ours(t), theirs(t))) found.push(t);
  }
  return found;
}

function pick(steps: readonly number[], ours: Schedule, theirs: Schedule): number[] {
  if (steps.length <= SAMPLES) return [...steps];
  const most = steps.reduce((worst, step) =>
    Math.abs(ours(step) - theirs(step)) > Math.abs(ours(worst) - theirs(worst)) ? step : worst
  );
  return [...new Set([...steps.slice(0, SAMPLES - 2), most, steps.at(-1)!])].sort((a, b) => a - b);
}
