import type { RunShape } from "#lib/duration.ts";
import { entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import type { Library, Native, NativeRun } from "#schedules/frameworks/exports.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { optaxCode } from "./optax.ts";

/**
 * A library's own ways to write a schedule with the rates `ours`. The first is what looks the same, with the same
 * numbers in the same places; later ones are adapted so that the rates agree. Empty where it has nothing of the kind.
 */
export type Natives = (spec: ScheduleSpec, shape: RunShape, ours: Schedule) => readonly Native[];

/** The calls of one library, as the entries of a registry have them. */
export function nativesOf(library: Library, registry: Registry): Natives {
  const natives: Natives = (spec, shape, ours) => {
    const run: NativeRun = {
      shape,
      ours,
      rateOf: (inner) => buildSchedule(inner, shape, { registry }).lr,
      natives: (inner, rates) => natives(inner, shape, rates),
      warmedUp: (inner, ramp) =>
        entryOf(inner.name, registry)?.exports?.warmedUp?.[library]?.(
          plainValues(inner, shape, registry),
          ramp,
        ) ?? [],
    };
    const own = entryOf(spec.name, registry)?.exports?.natives?.[library]?.(
      plainValues(spec, shape, registry),
      run,
    ) ?? [];
    return own.length === 0 && library === "optax" ? byConstructors(spec, shape, ours, registry) : own;
  };
  return natives;
}

/** optax by its own constructors, where they express the whole schedule. */
function byConstructors(
  spec: ScheduleSpec,
  shape: RunShape,
  ours: Schedule,
  registry: Registry,
): Native[] {
  try {
    const { definitions, ownFormula } = optaxCode(spec, shape, registry);
    const call = definitions.at(-1)!.replace(/^\w+ = /, "");
    return ownFormula ? [] : [{ call, imports: ["import optax"], rate: ours, why: "" }];
  } catch (error) {
    if (error instanceof RangeError) return []; // some part depends on evaluations
    throw error;
  }
}
