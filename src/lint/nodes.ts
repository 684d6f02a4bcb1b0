import type { RunShape } from "#lib/duration.ts";
import { CATALOGUE, entryOf } from "#schedules/entries.ts";
import type { BuildContext, Entry } from "#schedules/entry.ts";
import type { Node, Raised, RunFacts } from "#schedules/finding.ts";
import { inSteps } from "#schedules/in_steps.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { innerSchedules, plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** A node of the schedule that is checked, with its entry. */
export interface EntryNode extends Node {
  readonly entry: Entry;
  readonly inner: readonly EntryNode[];
  /** The schedule with its durations in whole steps of the run. */
  readonly resolved: ScheduleSpec;
  readonly context: BuildContext;
}

/** A rule for any schedule, by the facts of its entry. */
export type AnyRule = (node: EntryNode) => Raised[];

/** Every schedule in a schedule, outermost first, with its stretch of the run. The spec must pass its check. */
export function nodesOf(
  spec: ScheduleSpec,
  shape: RunShape,
  facts: RunFacts,
  context: BuildContext = {},
): EntryNode[] {
  const { registry = CATALOGUE } = context;
  // Durations are rounded together, so a schedule is built from its part of the whole in steps.
  const nodeOf = (
    spec: ScheduleSpec,
    resolved: ScheduleSpec,
    { path, length, untilEnd }: Pick<Node, "path" | "length" | "untilEnd">,
  ): EntryNode => {
    const entry = entryOf(spec.name, registry)!;
    const values = plainValues(resolved, shape, registry);
    const resolvedInner = innerSchedules(resolved, registry);
    const inner = innerSchedules(spec, registry).flatMap((child, index) => {
      const stretch = entry.stretch?.(values, index, length) ?? { length, reachesEnd: true };
      return stretch.length < 1 ? [] : nodeOf(child.spec, resolvedInner[index]!.spec, {
        path: [...path, ...child.path],
        length: stretch.length,
        untilEnd: untilEnd && stretch.reachesEnd,
      });
    });
    const built = buildSchedule(resolved, shape, context);
    const end = entry.lint?.end?.(values)?.steps ?? null;
    return {
      entry,
      spec,
      resolved,
      path,
      values,
      built,
      length,
      untilEnd,
      end,
      shape,
      facts,
      inner,
      context,
    };
  };
  const root = nodeOf(spec, inSteps(spec, shape, context), {
    path: [],
    length: shape.totalSteps,
    untilEnd: true,
  });
  return withInner(root);
}

const withInner = (node: EntryNode): EntryNode[] => [node, ...node.inner.flatMap(withInner)];
