import { exactSteps, parseDuration, type RunShape } from "../lib/duration.ts";
import { CATALOGUE, entryOf } from "./entries.ts";
import type { Registry } from "./entry.ts";
import type { WrittenPart } from "./param_types.ts";
import type { ScheduleSpec } from "./schedule.ts";

/** A length of a steps and a share s of the run: a + s·T. */
interface Length {
  readonly steps: number;
  readonly share: number;
}

const NOTHING: Length = { steps: 0, share: 0 };
const plus = (a: Length, b: Length): Length => ({ steps: a.steps + b.steps, share: a.share + b.share });

/**
 * Steps of the shortest run that a schedule fits into: the sum of what follows one another (a warmup and what it wraps,
 * the parts of a sequence, the phases of `wsd`), the longest of what happens at once. Shares of the run take part: 10 %
 * and 900 steps fill a run of 1,000. 0 for a schedule that fits any run.
 *
 * Takes a spec that passed its check.
 */
export function scheduleLength(
  spec: ScheduleSpec,
  run: Omit<RunShape, "totalSteps">,
  registry: Registry = CATALOGUE,
): number {
  const needs = lengthsOf(spec, run, registry).map(({ steps, share }) =>
    // Nothing is left for the steps where shares take the whole run: the run is then what they ask for at least.
    share < 1 - 1e-9 ? steps / (1 - share) : steps
  );
  return Math.round(Math.max(0, ...needs));
}

/** Lengths that the run must hold, each from the schedule's start. */
function lengthsOf(spec: ScheduleSpec, run: Omit<RunShape, "totalSteps">, registry: Registry): Length[] {
  const entry = entryOf(spec.name, registry)!;
  const consecutive = entry.consecutive?.(spec) ?? [];
  const lengthOf = (text: unknown): Length => {
    const duration = parseDuration(text);
    if (duration.unit === "rest") return NOTHING;
    if (duration.unit === "percent") return { steps: 0, share: duration.value / 100 };
    return { steps: exactSteps(duration, { ...run, totalSteps: 0 }), share: 0 };
  };
  const inner = (child: ScheduleSpec, from: Length) =>
    lengthsOf(child, run, registry).map((length) => plus(from, length));
  // The end of the last of the durations that follow one another.
  let end = NOTHING;
  const found: Length[] = [];
  for (const [key, param] of Object.entries(entry.params)) {
    const raw = spec[key] ?? param.default ?? null;
    if (raw === null) continue;
    if (param.kind === "duration" && consecutive.includes(key)) end = plus(end, lengthOf(raw));
    else if (param.kind === "duration") found.push(lengthOf(raw));
    else if (param.kind === "durations") found.push(...(raw as unknown[]).map(lengthOf));
    else if (param.kind === "schedule") found.push(...inner(raw as ScheduleSpec, end));
    else if (param.kind === "schedules") {
      found.push(...(raw as ScheduleSpec[]).flatMap((one) => inner(one, end)));
    } else if (param.kind === "parts") {
      for (const part of raw as WrittenPart[]) {
        if (part === (raw as WrittenPart[]).at(-1)) found.push(...inner(part.schedule, end));
        end = plus(end, lengthOf(part.for));
      }
    }
  }
  return [...found, end];
}
