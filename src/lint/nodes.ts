import { durationToSteps, parseDuration, type RunShape } from "#lib/duration.ts";
import type { BuildContext } from "#schedules/entry.ts";
import { ENTRIES } from "#schedules/check_spec.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import type { Node } from "./finding.ts";

/** Every schedule in a schedule, outermost first, with its stretch of the run. The spec must pass its check. */
export function nodesOf(spec: ScheduleSpec, shape: RunShape, context: BuildContext = {}): Node[] {
  return walk(spec, [], shape.totalSteps, true, shape, context);
}

/** A duration parameter in steps; its default where the key is left out; `null` for none. */
export function stepsOf(spec: ScheduleSpec, key: string, shape: RunShape): number | null {
  const text = spec[key] ?? ENTRIES[spec.name]?.params[key]?.default;
  return text == null ? null : durationToSteps(parseDuration(text), shape);
}

function walk(
  spec: ScheduleSpec,
  path: Node["path"],
  length: number,
  untilEnd: boolean,
  shape: RunShape,
  context: BuildContext,
): Node[] {
  const node = { spec, path, built: buildSchedule(spec, shape, context), length, untilEnd };
  const inner = (child: ScheduleSpec, keys: Node["path"], span: number, toEnd: boolean) =>
    span < 1 ? [] : walk(child, [...path, ...keys], span, toEnd, shape, context);
  switch (spec.name) {
    case "warmup":
      return [
        node,
        ...inner(spec.then as never, ["then"], length - stepsOf(spec, "duration", shape)!, untilEnd),
      ];
    case "sequence": {
      const parts = spec.parts as { for: string; schedule: ScheduleSpec }[];
      let start = 0;
      return [
        node,
        ...parts.flatMap(({ for: text, schedule }, index) => {
          const left = length - start;
          const steps = durationToSteps(parseDuration(text), shape);
          start += steps;
          const isLast = index === parts.length - 1 || start >= length;
          return inner(schedule, ["parts", index, "schedule"], isLast ? left : steps, isLast && untilEnd);
        }),
      ];
    }
    case "repeat":
      return [
        node,
        ...inner(spec.of as never, ["of"], Math.min(length, stepsOf(spec, "every", shape)!), false),
      ];
    case "scale":
      return [node, ...inner(spec.of as never, ["of"], length, untilEnd)];
    case "max":
    case "min":
      return [
        node,
        ...(spec.of as ScheduleSpec[]).flatMap((child, index) =>
          inner(child, ["of", index], length, untilEnd)
        ),
      ];
    case "plateau":
      return [
        node,
        ...(spec.scales == null ? [] : inner(spec.scales as never, ["scales"], length, untilEnd)),
      ];
    default:
      return [node];
  }
}
