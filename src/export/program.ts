import { describeSchedule } from "#schedules/describe.ts";
import { entryOf } from "#schedules/entries.ts";
import type { Style } from "#schedules/frameworks/python.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { Job } from "./job.ts";
import { FunctionWriter } from "./formula.ts";

/** A whole snippet: what it is, its imports, its lines. */
export function program(
  { spec, registry }: Pick<Job, "spec" | "registry">,
  imports: readonly string[],
  body: readonly string[],
): string {
  return [`# ${describeSchedule(spec, registry)}`, ...mergeImports(imports), "", ...body].join("\n") + "\n";
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

/** The functions of a schedule, the name of the outermost, and their imports. */
export function formula({ spec, shape, registry }: Job, style: Style) {
  const writer = new FunctionWriter(style, shape, registry);
  const name = writer.schedule(spec);
  const uses = (word: string) => writer.functions.some((lines) => lines.includes(word));
  const imports = [
    ...style.imports.filter((line) => line !== "import math" || uses("math.")),
    ...(uses("bisect_right(") ? ["from bisect import bisect_right"] : []),
  ];
  return { name, functions: writer.functions, imports };
}

/** The name of a class after a function: `cosine_per_epoch` → `CosinePerEpoch`. */
export const className = (name: string): string =>
  name.split("_").map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");

/** The function of the momentum, where a schedule moves it. */
export interface MomentumFunction {
  /** `null` where the momentum stays, or where only a schedule inside this one moves it. */
  readonly name: string | null;
  readonly functions: readonly string[];
  /** A comment where the code leaves a momentum alone that the schedule moves. */
  readonly notes: readonly string[];
}

/** A function for the momentum, where the schedule itself (not one inside it) moves it. */
export function momentumFunction(
  { spec, shape, built, registry }: Job,
  style: Style,
): MomentumFunction {
  if (built.momentum === null) return { name: null, functions: [], notes: [] };
  const body = entryOf(spec.name, registry)?.exports?.momentum?.(plainValues(spec, shape, registry), style);
  if (body === undefined) {
    const note =
      "# The schedule moves the momentum too, which this leaves alone (cycle_momentum: false would).";
    return { name: null, functions: [], notes: [note] };
  }
  const writer = new FunctionWriter(style, shape, registry);
  const held = spec.update === "epoch" ? [`t = t - t % ${shape.stepsPerEpoch}  # at the epoch's start`] : [];
  const name = writer.define("momentum", "", [...held, ...body]);
  return { name, functions: writer.functions, notes: [] };
}
