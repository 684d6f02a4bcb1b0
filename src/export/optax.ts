import type { RunShape } from "#lib/duration.ts";
import { entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import type { OptaxWriter } from "#schedules/frameworks/exports.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { FunctionWriter, pythonName } from "./formula.ts";
import { JAX } from "./style.ts";

/** Definitions of schedules, inner ones first; `name` is the last. Any schedule of optax is a function of the step. */
export interface OptaxCode {
  readonly name: string;
  readonly definitions: readonly string[];
  /** True where some part is a formula of our own. */
  readonly ownFormula: boolean;
}

/**
 * A schedule by optax's own constructors, joined by `join_schedules`; a part that optax lacks is a function.
 *
 * @throws {RangeError} for a schedule that depends on evaluations.
 */
export function optaxCode(spec: ScheduleSpec, shape: RunShape, registry: Registry): OptaxCode {
  const functions = new FunctionWriter(JAX, shape, registry);
  const definitions: string[] = [];
  let ownFormula = false;
  const assign = (wanted: string, expression: string): string => {
    const name = functions.free(wanted);
    definitions.push(`${name} = ${expression}`);
    return name;
  };
  const writer: OptaxWriter = {
    shape,
    firstRate: (inner) => functions.firstRate(inner),
    rateAt: (inner, step) => functions.rateAt(inner, step),
    schedule: (node) => {
      const expression = entryOf(node.name, registry)?.exports?.optax?.(
        plainValues(node, shape, registry),
        writer,
      ) ?? null;
      const name = expression === null
        ? functions.schedule({ ...node, update: undefined })
        : assign(pythonName(node.name, registry), expression);
      if (expression === null) {
        ownFormula = true;
        definitions.push(...functions.functions.splice(0));
      }
      if (node.update !== "epoch") return name;
      return assign(`${name}_per_epoch`, `lambda t: ${name}(t - t % ${shape.stepsPerEpoch})`);
    },
  };
  return { name: writer.schedule(spec), definitions, ownFormula };
}
