import type { RunShape } from "#lib/duration.ts";
import { CATALOGUE, entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import { type Evaluations, LIBRARIES, type Library } from "#schedules/frameworks/exports.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { FeedbackSchedule, Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { inEpochs, outcomeOfNative } from "./choose.ts";
import { nativesOf } from "./natives.ts";
import { outcomeOf } from "./rates.ts";
import { refusalOf } from "./refusal.ts";
import { sameRate } from "./same_rates.ts";

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
  /** The unit that is counted; a plateau is compared over evaluations of a metric that improves, stalls and gets worse. */
  readonly unit: "steps" | "epochs" | "evaluations";
  /** Some of the differing steps: the first ones, the one that differs most, the last. */
  readonly samples: readonly { readonly step: number; readonly ours: number; readonly theirs: number }[];
}

const NAMES: Readonly<Record<Library, string>> = {
  pytorch: "PyTorch",
  keras: "Keras",
  optax: "optax",
  timm: "timm",
  transformers: "transformers",
  fastai: "fastai",
  deepspeed: "DeepSpeed",
  ultralytics: "Ultralytics",
};

/** A tenth past the run's end is compared too: that is where some schedules rebound. */
const PAST_END = 1.1;
const MOST_STEPS = 200_000;
const SAMPLES = 6;

/** Two schedules over so many steps, epochs or evaluations. */
interface Comparison {
  readonly ours: Schedule;
  readonly compared: number;
  readonly unit: Dialect["unit"];
}

/**
 * A schedule beside the one that looks the same in each library, with the steps at which the rates differ. The library's
 * rates are read from the text of the call that is shown.
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
    const values = plainValues(spec, shape, registry);
    const found = entryOf(spec.name, registry)?.exports?.evaluations?.(values);
    if (found) return compareEvaluations(feedback, lr(0), found, shape);
  }
  const whole = { spec, shape, ours: lr, registry };
  const wanted = inEpochs(whole) ?? whole;
  const unit = wanted === whole ? "steps" : "epochs";
  const comparable = feedback === null && (spec.update !== "epoch" || unit === "epochs");
  const compared = Math.min(MOST_STEPS, Math.ceil(wanted.shape.totalSteps * PAST_END));
  return LIBRARIES.map((library) => {
    const comparison = { ours: wanted.ours, compared, unit } as const;
    const [native] = comparable ? nativesOf(library, wanted.spec, wanted.shape, registry) : [];
    if (native === undefined) return nothing(library, null, whyNothing(spec, feedback !== null), comparison);
    const outcome = outcomeOfNative(native, { library, shape: wanted.shape });
    if (outcome.kind !== "rates") {
      const why = native.why || (outcome.kind === "refusal" ? outcome.why : "it depends on evaluations");
      return nothing(library, native.call, why, comparison);
    }
    return side(library, native, outcome.rate, comparison);
  });
}

function whyNothing(spec: ScheduleSpec, dependsOnEvaluations: boolean): string {
  if (dependsOnEvaluations) return "its rates depend on evaluations";
  return spec.update === "epoch"
    ? "it has no schedule of this shape that changes once an epoch"
    : "it has no schedule of this shape";
}

function compareEvaluations(
  feedback: FeedbackSchedule,
  first: number,
  { metrics, lookalikes }: Evaluations,
  shape: RunShape,
): Dialect[] {
  const ours = over(ratesAfter(feedback, metrics));
  const comparison = { ours, compared: metrics.length, unit: "evaluations" } as const;
  return LIBRARIES.map((library) => {
    const lookalike = lookalikes[library];
    if (lookalike === undefined) {
      return nothing(library, null, "it has no schedule that watches a metric", comparison);
    }
    const outcome = outcomeOf({ library, text: lookalike.call, base: first }, shape);
    if (outcome.kind !== "plateau") {
      const why = outcome.kind === "refusal" ? outcome.why : lookalike.why;
      return nothing(library, lookalike.call, why, comparison);
    }
    return side(library, lookalike, over(outcome.rates(metrics, first)), comparison);
  });
}

const over = (rates: readonly number[]): Schedule => (t) => rates[t]!;

/** The rate after each evaluation. */
function ratesAfter(feedback: FeedbackSchedule, metrics: readonly number[]): number[] {
  let state = feedback.init();
  return metrics.map((metric, step) => {
    state = feedback.observe(state, { step, loss: metric, metric });
    return feedback.at(state, step);
  });
}

/** A library that cannot be compared. */
const nothing = (
  library: Library,
  call: string | null,
  why: string,
  { compared, unit }: Comparison,
): Dialect => ({ framework: NAMES[library], call, why, differing: null, compared, unit, samples: [] });

/** A library beside ours. */
function side(
  library: Library,
  { call, why }: { readonly call: string; readonly why: string },
  theirs: Schedule,
  { ours, compared, unit }: Comparison,
): Dialect {
  const steps = differingSteps(ours, theirs, compared);
  const samples = pick(steps, ours, theirs).map((step) => ({ step, ours: ours(step), theirs: theirs(step) }));
  return {
    framework: NAMES[library],
    call,
    why: steps.length === 0 ? "" : why || "its rates differ",
    differing: steps.length,
    compared,
    unit,
    samples,
  };
}

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
