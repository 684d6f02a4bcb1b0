import type { RunShape } from "#lib/duration.ts";
import { CATALOGUE, entryOf } from "#schedules/entries.ts";
import type { BuildContext, Entry } from "#schedules/entry.ts";
import type { Finding, Node, RunFacts } from "#schedules/finding.ts";
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
  const walk = (
    spec: ScheduleSpec,
    { path, length, untilEnd }: Pick<Node, "path" | "length" | "untilEnd">,
  ): EntryNode[] => {
    const entry = entryOf(spec.name, registry)!;
    const values = plainValues(spec, shape, registry);
    const built = buildSchedule(spec, shape, context);
    const node: EntryNode = { entry, spec, path, values, built, length, untilEnd, shape, facts };
    const inner = innerSchedules(spec, registry).flatMap((child, index) => {
      const stretch = entry.stretch?.(values, index, length) ?? { length, reachesEnd: true };
      return stretch.length < 1 ? [] : walk(child.spec, {
        path: [...path, ...child.path],
        length: stretch.length,
        untilEnd: untilEnd && stretch.reachesEnd,
      });
    });
    return [node, ...inner];
  };
  return walk(spec, { path: [], length: shape.totalSteps, untilEnd: true });
}
