import type { RunShape } from "#lib/duration.ts";
import { CATALOGUE, entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import { type Evaluations, LIBRARIES, type Library } from "#schedules/frameworks/exports.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { FeedbackSchedule, Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { sameRate } from "./choose.ts";
import { nativesOf } from "./natives.ts";
import { refusalOf } from "./refusal.ts";

/** The schedule that looks the same in a framework, beside ours. */
export interface Dialect {
  readonly framework: string;
  /** The call that looks the same; `null` where the framework has nothing of the kind. */
  readonly call: string | null;
  /** Reason for other rates, or for none; empty where they agree. */
  readonly why: string;
  /** Steps whose rates differ, of those compared; `null` where it gives none. */
  readonly differing: number | null;
  readonly compared: number;
  /** The unit that is counted; a plateau is compared over evaluations of a metric that never improves. */
  readonly unit: "steps" | "evaluations";
  /** Some of the differing steps: the first ones, the one that differs most, the last. */
  readonly samples: readonly { readonly step: number; readonly ours: number; readonly theirs: number }[];
}

const NAMES: Readonly<Record<Library, string>> = {
  pytorch: "PyTorch",
  keras: "Keras",
  optax: "optax",
  timm: "timm",
  transformers: "transformers",
};

/** A tenth past the run's end is compared too: that is where some schedules rebound. */
const PAST_END = 1.1;
const MOST_STEPS = 200_000;
const SAMPLES = 6;
/** A metric that improves once and then never again: it sets the counts of evaluations apart. */
const FLAT = 1;

/**
 * A schedule beside the one that looks the same in each library, with the steps at which the rates differ.
 *
 * @throws {RangeError} for a schedule that can never be exported.
 */
export function compareDialects(
  spec: ScheduleSpec,
  shape: RunShape,
  registry: Registry = CATALOGUE,
): Dialect[] {
  if (refusalOf(spec, registry) !== null) {
    throw new RangeError("Cannot compare a custom schedule: no framework has anything that looks the same");
  }
  const { lr, feedback } = buildSchedule(spec, shape, { registry });
  if (feedback !== null) {
    const ours = overEvaluations(feedback);
    const values = plainValues(spec, shape, registry);
    const found = entryOf(spec.name, registry)?.exports?.evaluations?.(values, ours);
    if (found) return compareEvaluations(ours, found);
  }
  const compared = Math.min(MOST_STEPS, Math.ceil(shape.totalSteps * PAST_END));
  return LIBRARIES.map((library) => {
    const framework = NAMES[library];
    const [native] = spec.update === "epoch" || feedback !== null
      ? []
      : nativesOf(library, registry)(spec, shape, lr);
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

function compareEvaluations(ours: Schedule, { count, lookalikes }: Evaluations): Dialect[] {
  return LIBRARIES.map((library) => {
    const { call, why, rate } = lookalikes[library];
    return side(NAMES[library], call, why, ours, rate, count, "evaluations");
  });
}

/** The rate after evaluation t of a flat metric, for every t up to the last one asked for. */
function overEvaluations(feedback: FeedbackSchedule): Schedule {
  return (t) => {
    let state = feedback.init();
    for (let evaluation = 0; evaluation <= t; evaluation++) {
      state = feedback.observe(state, { step: evaluation, loss: FLAT, metric: FLAT });
    }
    return feedback.at(state, t);
  };
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
