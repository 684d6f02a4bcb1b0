import type { RunShape } from "#lib/duration.ts";
import { entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import type { Library, Native, NativeRun } from "#schedules/frameworks/exports.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { optaxExpression } from "./optax.ts";

/**
 * A library's own ways to write a schedule. The first is what looks the same, with the same numbers in the same places;
 * later ones are adapted so that the rates agree. Empty where it has nothing of the kind.
 */
export function nativesOf(
  library: Library,
  spec: ScheduleSpec,
  shape: RunShape,
  registry: Registry,
): readonly Native[] {
  const run: NativeRun = {
    shape,
    rateOf: (inner) => buildSchedule(inner, shape, { registry }).lr,
    natives: (inner) => inner.update === "epoch" ? [] : nativesOf(library, inner, shape, registry),
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
  return own.length === 0 && library === "optax" ? byConstructors(spec, shape, registry) : own;
}

/** optax by its own constructors, where they express the whole schedule. */
function byConstructors(spec: ScheduleSpec, shape: RunShape, registry: Registry): Native[] {
  const call = optaxExpression(spec, shape, registry);
  return call === null ? [] : [{ call, imports: ["import optax"], why: "" }];
}
