import type { RunShape } from "#lib/duration.ts";
import type { Registry } from "#schedules/entry.ts";
import type { Library, Native } from "#schedules/frameworks/exports.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { nativesOf } from "./natives.ts";
import { type Outcome, outcomeOf } from "./rates.ts";
import { sameRates } from "./same_rates.ts";

/** A schedule that is to be written in a library. */
export interface Wanted {
  readonly library: Library;
  readonly spec: ScheduleSpec;
  readonly shape: RunShape;
  /** The rates that are to be reproduced. */
  readonly ours: Schedule;
  readonly registry: Registry;
  /** False for an optimizer whose first beta takes the place of momentum. */
  readonly hasMomentum?: boolean;
}

/** The rates that a library computes for one of its own calls. */
export const outcomeOfNative = (
  { call, base }: Native,
  { library, shape, hasMomentum = true }: Pick<Wanted, "library" | "shape" | "hasMomentum">,
): Outcome => outcomeOf({ library, text: call, base: base ?? NaN, hasMomentum }, shape);

/** The first of a library's own ways that agrees, and why the one that looks the same does not. */
export function choose(wanted: Wanted): { readonly native: Native | null; readonly why: string } {
  const { library, spec, shape, ours, registry } = wanted;
  if (spec.update === "epoch") return { native: null, why: "" };
  const candidates = nativesOf(library, spec, shape, registry);
  const outcomes = candidates.map((native) => outcomeOfNative(native, wanted));
  const found = outcomes.findIndex((outcome, index) =>
    outcome.kind === "rates" && candidates[index]!.unfit === undefined &&
    sameRates(outcome.rate, ours, shape.totalSteps) &&
    // A loop steps the scheduler once more after its last step.
    Number.isFinite(outcome.rate(shape.totalSteps))
  );
  const [first] = outcomes;
  const why = candidates[0]?.unfit || candidates[0]?.why || (first?.kind === "refusal" ? first.why : "");
  return { native: candidates[found] ?? null, why };
}

/** A schedule that is asked once an epoch, as one of epochs; `null` where its lengths are less than an epoch. */
export function inEpochs({ spec, shape, ours, registry }: Omit<Wanted, "library">): {
  readonly spec: ScheduleSpec;
  readonly shape: RunShape;
  readonly ours: Schedule;
} | null {
  if (spec.update !== "epoch") return null;
  const { totalSteps, stepsPerEpoch } = shape;
  const epochs = { totalSteps: Math.ceil(totalSteps / stepsPerEpoch), stepsPerEpoch: 1 };
  const perEpoch: ScheduleSpec = { ...spec, update: "step" };
  try {
    const rate = buildSchedule(perEpoch, epochs, { registry }).lr;
    if (!sameRates(rate, (epoch) => ours(epoch * stepsPerEpoch), epochs.totalSteps)) return null;
    return { spec: perEpoch, shape: epochs, ours: rate };
  } catch (error) {
    if (error instanceof RangeError) return null; // a length that is less than an epoch
    throw error;
  }
}

/** The same for a class that is stepped once an epoch; `null` where there is none. */
export function choosePerEpoch(wanted: Wanted): Native | null {
  const epochs = inEpochs(wanted);
  return epochs === null ? null : choose({ ...wanted, ...epochs }).native;
}
