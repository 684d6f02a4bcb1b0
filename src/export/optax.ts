import type { RunShape } from "#lib/duration.ts";
import { entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import type { OptaxWriter } from "#schedules/frameworks/exports.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { FunctionWriter, pythonName } from "./formula.ts";
import { outcomeOf } from "./rates.ts";
import { sameRates } from "./same_rates.ts";
import { JAX } from "./style.ts";

/** Definitions of schedules, inner ones first; `name` is the last. Any schedule of optax is a function of the step. */
export interface OptaxCode {
  readonly name: string;
  readonly definitions: readonly string[];
  /** True where some part is a formula of our own. */
  readonly ownFormula: boolean;
}

/**
 * A schedule by optax's own constructors, joined by `join_schedules`; a part that optax lacks, or for which its
 * constructor gives other rates, is a function.
 *
 * @throws {RangeError} for a schedule that depends on evaluations.
 */
export function optaxCode(spec: ScheduleSpec, shape: RunShape, registry: Registry): OptaxCode {
  const functions = new FunctionWriter(JAX, shape, registry);
  const definitions: string[] = [];
  const defined: Record<string, Schedule> = {};
  let ownFormula = false;
  const assign = (wanted: string, expression: string): string => {
    const name = functions.free(wanted);
    definitions.push(`${name} = ${expression}`);
    return name;
  };
  const byConstructors = (node: ScheduleSpec, ours: Schedule): string | null => {
    const [before, own] = [definitions.length, ownFormula];
    const expression = entryOf(node.name, registry)?.exports?.optax?.(
      plainValues(node, shape, registry),
      writer,
    );
    if (expression == null) return null;
    const outcome = outcomeOf({ library: "optax", text: expression, base: NaN, defined }, shape);
    // A name of an inner schedule stands for itself.
    const agrees = Object.hasOwn(defined, expression) ||
      (outcome.kind === "rates" && sameRates(outcome.rate, ours, shape.totalSteps + 1));
    if (agrees) return expression;
    definitions.length = before;
    ownFormula = own;
    return null;
  };
  const writer: OptaxWriter = {
    shape,
    firstRate: (inner) => functions.firstRate(inner),
    rateAt: (inner, step) => functions.rateAt(inner, step),
    schedule: (node) => {
      const ours = buildSchedule({ ...node, update: undefined }, shape, { registry }).lr;
      const expression = byConstructors(node, ours);
      const name = expression === null
        ? functions.schedule({ ...node, update: undefined })
        : assign(pythonName(node.name, registry), expression);
      if (expression === null) {
        ownFormula = true;
        definitions.push(...functions.functions.splice(0));
      }
      defined[name] = ours;
      if (node.update !== "epoch") return name;
      const held = assign(`${name}_per_epoch`, `lambda t: ${name}(t - t % ${shape.stepsPerEpoch})`);
      defined[held] = buildSchedule(node, shape, { registry }).lr;
      return held;
    },
  };
  return { name: writer.schedule(spec), definitions, ownFormula };
}

/** The same as one expression without names of its own; `null` where optax lacks some part. */
export function optaxExpression(spec: ScheduleSpec, shape: RunShape, registry: Registry): string | null {
  const functions = new FunctionWriter(JAX, shape, registry);
  const inner: OptaxWriter = {
    shape,
    firstRate: (node) => functions.firstRate(node),
    rateAt: (node, step) => functions.rateAt(node, step),
    schedule: (node) => {
      const written = node.update === "epoch" ? null : optaxExpression(node, shape, registry);
      if (written === null) throw new Missing();
      return written.startsWith("lambda ") ? `(${written})` : written;
    },
  };
  try {
    const values = plainValues(spec, shape, registry);
    return entryOf(spec.name, registry)?.exports?.optax?.(values, inner) ?? null;
  } catch (error) {
    if (error instanceof Missing) return null;
    throw error;
  }
}

/** Some part has no expression in optax's own terms. */
class Missing extends Error {}
