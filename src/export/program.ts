import type { RunShape } from "#lib/duration.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { BuiltSchedule, ScheduleSpec } from "#schedules/schedule.ts";
import { triangle } from "./bodies.ts";
import { oneCyclePhases } from "./body_one_cycle.ts";
import { linearIn } from "./expressions.ts";
import { FunctionWriter } from "./formula.ts";
import type { Style } from "./style.ts";

/** A whole snippet: what it is, its imports, its lines. */
export function program(spec: ScheduleSpec, imports: readonly string[], body: readonly string[]): string {
  return [`# ${describeSchedule(spec)}`, ...mergeImports(imports), "", ...body].join("\n") + "\n";
}

/** Plain imports first; names of one module on one line. */
function mergeImports(imports: readonly string[]): string[] {
  const plain = new Set(imports.filter((line) => line.startsWith("import ")));
  const from = new Map<string, Set<string>>();
  for (const line of imports) {
    const match = /^from (\S+) import (.+)$/.exec(line);
    if (match === null) continue;
    const names = from.get(match[1]!) ?? new Set();
    match[2]!.split(", ").forEach((name) => names.add(name));
    from.set(match[1]!, names);
  }
  return [
    ...plain,
    ...[...from].map(([module, names]) => `from ${module} import ${[...names].sort().join(", ")}`),
  ];
}

/** The comment above a formula. */
export function because(why: string, otherwise: string): string {
  const reason = why === "" ? otherwise : why[0]!.toUpperCase() + why.slice(1);
  return `# ${reason}, so the formula is written out.`;
}

/** The functions of a schedule, the name of the outermost, and what they import. */
export function formula(spec: ScheduleSpec, shape: RunShape, style: Style) {
  const writer = new FunctionWriter(style, shape);
  const name = writer.schedule(spec);
  const uses = (word: string) => writer.functions.some((lines) => lines.includes(word));
  const imports = [
    ...style.imports.filter((line) => line !== "import math" || uses("math.")),
    ...(uses("bisect_right(") ? ["from bisect import bisect_right"] : []),
  ];
  return { name, functions: writer.functions, imports };
}

/** A function for the momentum, where the schedule itself (not one inside it) moves it, and how to use it. */
export function momentumLines(
  spec: ScheduleSpec,
  shape: RunShape,
  { momentum }: BuiltSchedule,
  style: Style,
  use: (call: string) => string,
): string[] {
  if (momentum === null) return [];
  const body = momentumBody(spec, shape, style);
  if (body === null) {
    return ["# The schedule moves the momentum too, which this leaves alone (cycle_momentum: false would)."];
  }
  const writer = new FunctionWriter(style, shape);
  const name = writer.define("momentum", "", body);
  return ["", ...writer.functions, use(`${name}(t)`)];
}

function momentumBody(spec: ScheduleSpec, shape: RunShape, style: Style): string[] | null {
  const v = plainValues(spec, shape);
  switch (spec.name) {
    case "one_cycle":
      return oneCyclePhases(v, "momentum", style);
    case "cyclic":
      return [
        ...triangle(v, style),
        `return ${linearIn(v.max_momentum, v.base_momentum - v.max_momentum, "height")}`,
      ];
    default:
      return null;
  }
}
