import type { RunShape } from "#lib/duration.ts";
import type { Registry } from "#schedules/entry.ts";
import type { Native } from "#schedules/frameworks/exports.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import type { Natives } from "./natives.ts";

/** Rates closer than this, relative to the larger, count as the same. */
export const SAME = 1e-9;
/** Steps that are compared; of a longer run they are spread evenly, the first ones densely. */
const COMPARED = 100_000;

/** True for two rates that are the same but for rounding. */
export function sameRate(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME * Math.max(Math.abs(a), Math.abs(b)) + 1e-18;
}

/** True for two schedules that give the same rates over a run. */
export function sameRates(a: Schedule, b: Schedule, totalSteps: number): boolean {
  const stride = Math.max(1, Math.floor(totalSteps / COMPARED));
  for (let t = 0; t < totalSteps; t += t < COMPARED / 10 ? 1 : stride) {
    if (!sameRate(a(t), b(t))) return false;
  }
  return true;
}

/** The first of a framework's own ways that agrees, and why the one that looks the same does not. */
export function choose(
  spec: ScheduleSpec,
  shape: RunShape,
  ours: Schedule,
  natives: Natives,
): { readonly native: Native | null; readonly why: string } {
  const candidates = spec.update === "epoch" ? [] : natives(spec, shape, ours);
  const agrees = ({ rate }: Native) => rate !== null && sameRates(rate, ours, shape.totalSteps);
  return { native: candidates.find(agrees) ?? null, why: candidates[0]?.why ?? "" };
}

/** A schedule that is asked once an epoch, by a class that is stepped once an epoch; `null` where there is none. */
export function choosePerEpoch(
  spec: ScheduleSpec,
  shape: RunShape,
  ours: Schedule,
  natives: Natives,
  registry: Registry,
): Native | null {
  if (spec.update !== "epoch") return null;
  const { totalSteps, stepsPerEpoch } = shape;
  const epochs = { totalSteps: Math.ceil(totalSteps / stepsPerEpoch), stepsPerEpoch: 1 };
  const perStep: ScheduleSpec = { ...spec, update: "step" };
  try {
    const inEpochs = buildSchedule(perStep, epochs, { registry }).lr;
    if (!sameRates(inEpochs, (epoch) => ours(epoch * stepsPerEpoch), epochs.totalSteps)) return null;
    return choose(perStep, epochs, inEpochs, natives).native;
  } catch (error) {
    if (error instanceof RangeError) return null; // a length that is less than an epoch
    throw error;
  }
}
