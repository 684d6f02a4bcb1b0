import type { RunShape } from "#lib/duration.ts";
import { CATALOGUE, entryOf } from "#schedules/entries.ts";
import type { BuildContext, Entry } from "#schedules/entry.ts";
import type { Finding, Node, RunFacts } from "#schedules/finding.ts";
import { inSteps } from "#schedules/in_steps.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { innerSchedules, plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** A node of the schedule that is checked, with its entry. */
export interface EntryNode extends Node {
  readonly entry: Entry;
}

/** A rule for any schedule, by the facts of its entry. */
export type AnyRule = (node: EntryNode) => Omit<Finding, "path">[];

/** Every schedule in a schedule, outermost first, with its stretch of the run. The spec must pass its check. */
export function nodesOf(
  spec: ScheduleSpec,
  shape: RunShape,
  facts: RunFacts,
  context: BuildContext = {},
): EntryNode[] {
  const { registry = CATALOGUE } = context;
  // Durations are rounded together, so a schedule is built from its part of the whole in steps.
  const walk = (
    spec: ScheduleSpec,
    resolved: ScheduleSpec,
    { path, length, untilEnd }: Pick<Node, "path" | "length" | "untilEnd">,
  ): EntryNode[] => {
    const entry = entryOf(spec.name, registry)!;
    const values = plainValues(resolved, shape, registry);
    const built = buildSchedule(resolved, shape, context);
    const node: EntryNode = { entry, spec, path, values, built, length, untilEnd, shape, facts };
    const resolvedInner = innerSchedules(resolved, registry);
    const inner = innerSchedules(spec, registry).flatMap((child, index) => {
      const stretch = entry.stretch?.(values, index, length) ?? { length, reachesEnd: true };
      return stretch.length < 1 ? [] : walk(child.spec, resolvedInner[index]!.spec, {
        path: [...path, ...child.path],
        length: stretch.length,
        untilEnd: untilEnd && stretch.reachesEnd,
      });
    });
    return [node, ...inner];
  };
  const root = { path: [], length: shape.totalSteps, untilEnd: true };
  return walk(spec, inSteps(spec, shape, context), root);
}
