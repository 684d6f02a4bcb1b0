import type { RunShape } from "#lib/duration.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import type { FormulaWriter } from "#schedules/frameworks/exports.ts";
import type { Style } from "#schedules/frameworks/python.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** Writes Python functions of the step t, inner schedules first, under names that are not taken yet. */
export class FunctionWriter implements FormulaWriter {
  readonly functions: string[] = [];
  readonly #names = new Set<string>();

  constructor(readonly style: Style, readonly shape: RunShape, readonly registry: Registry) {}

  /** A name that starts with `wanted` and that nothing else has; from now on it is taken. */
  free(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#names.has(name); count++) name = `${wanted}_${count}`;
    this.#names.add(name);
    return name;
  }

  /** Adds `def wanted(t): …` and gives its name. */
  define(wanted: string, doc: string, body: readonly string[]): string {
    const name = this.free(wanted);
    const lines = [...(doc === "" ? [] : [`"""${doc}"""`]), ...body];
    this.functions.push([`def ${name}(t):`, ...lines.map((line) => `    ${line}`)].join("\n"));
    return name;
  }

  /**
   * The name of a schedule's function, which is added with those of its inner schedules.
   *
   * @throws {RangeError} for a schedule whose entry has no body: no function of t alone can express it.
   */
  schedule(spec: ScheduleSpec): string {
    const { shape, registry } = this;
    const lines = entryOf(spec.name, registry)?.exports?.body?.(plainValues(spec, shape, registry), this);
    if (lines === undefined) {
      throw new RangeError(`Cannot write ${spec.name} as a function of the step: its entry has no formula`);
    }
    const doc = describeSchedule({ ...spec, update: undefined }, registry);
    const name = this.define(pythonName(spec.name, registry), doc, lines);
    if (spec.update !== "epoch") return name;
    return this.define(`${name}_per_epoch`, "", [
      `return ${name}(t - t % ${shape.stepsPerEpoch})  # at the epoch's start`,
    ]);
  }

  firstRate(spec: ScheduleSpec): number {
    return this.rateAt(spec, 0);
  }

  rateAt(spec: ScheduleSpec, step: number): number {
    return buildSchedule(spec, this.shape, { registry: this.registry }).lr(step);
  }
}

/** The name of a schedule's function: its own, unless Python uses that. */
export const pythonName = (name: string, registry: Registry): string =>
  entryOf(name, registry)?.exports?.pythonName ?? name;
