import { parse } from "yaml";
import { isNestedTooDeep, MOST_NESTING } from "#lib/nesting.ts";
import { problemError, structuralProblems } from "./check_spec.ts";
import type { BuildContext } from "./entry.ts";
import type { ScheduleSpec } from "./schedule.ts";

/**
 * Reads one schedule as `printSchedule` writes it: YAML, or JSON, which is YAML too.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseSchedule } from "lr-lab/schedules";
 *
 * const spec = parseSchedule("{ name: cosine, lr: 0.1, T_max: 30 epochs }");
 * assert.deepEqual(spec, { name: "cosine", lr: 0.1, T_max: "30 epochs" });
 * assert.throws(() => parseSchedule("{ name: cosin, lr: 0.1 }"), /did you mean "cosine"\?/);
 * ```
 *
 * @throws {SyntaxError} for a text that is not YAML; and as `buildSchedule` for the first problem of the schedule.
 */
export function parseSchedule(text: string, context: BuildContext = {}): ScheduleSpec {
  if (isNestedTooDeep(text)) {
    throw new SyntaxError(`Cannot read a schedule: it is nested more than ${MOST_NESTING} deep`);
  }
  let spec: unknown;
  try {
    spec = parse(text, { prettyErrors: false, uniqueKeys: true });
  } catch (cause) {
    throw new SyntaxError(`Cannot read a schedule: ${(cause as Error).message}`, { cause });
  }
  const [problem] = structuralProblems(spec, context);
  if (problem !== undefined) throw problemError("read", problem, spec, context);
  return spec as ScheduleSpec;
}
