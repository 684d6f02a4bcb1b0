import { durationToSteps, parseDuration, type RunShape } from "../lib/duration.ts";
import { ENTRIES } from "./check_spec.ts";
import type { ScheduleSpec } from "./schedule.ts";

/** Plain values of a schedule's parameters: durations in steps, defaults filled in, inner schedules as they are. */
// deno-lint-ignore no-explicit-any
export type PlainValues = Readonly<Record<string, any>>;

/** The parameters of a schedule that passed its check, for a run. */
export function plainValues(spec: ScheduleSpec, shape: RunShape): PlainValues {
  const steps = (text: unknown) => durationToSteps(parseDuration(text), shape);
  return Object.fromEntries(
    Object.entries(ENTRIES[spec.name]!.params).map(([key, param]) => {
      const raw = spec[key] ?? param.default ?? null;
      if (raw === null) return [key, null];
      if (param.kind === "duration") return [key, steps(raw)];
      if (param.kind === "durations") return [key, (raw as unknown[]).map(steps)];
      if (param.kind === "parts") {
        const parts = raw as { for: unknown; schedule: ScheduleSpec }[];
        return [key, parts.map((part) => ({ steps: steps(part.for), schedule: part.schedule }))];
      }
      return [key, raw];
    }),
  );
}
