import type { RunShape } from "#lib/duration.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { BODIES } from "./bodies.ts";
import type { Style } from "./style.ts";

/** Writes Python functions of the update t, inner schedules first, under names that are not taken yet. */
export class FunctionWriter {
  readonly functions: string[] = [];
  readonly #names = new Set<string>();

  constructor(readonly style: Style, readonly shape: RunShape) {}

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
   * @throws {RangeError} for a schedule that no function of t alone can express.
   */
  schedule(spec: ScheduleSpec): string {
    const body = BODIES[spec.name];
    if (body === undefined) {
      const why = spec.name === "custom" ? "its formula is in a module" : "it depends on evaluations";
      throw new RangeError(`Cannot write ${spec.name} as a function of the update: ${why}`);
    }
    const lines = body(plainValues(spec, this.shape), this, spec);
    const name = this.define(pythonName(spec.name), describeSchedule({ ...spec, update: undefined }), lines);
    if (spec.update !== "epoch") return name;
    const { stepsPerEpoch } = this.shape;
    return this.define(`${name}_per_epoch`, "", [
      `return ${name}(t - t % ${stepsPerEpoch})  # at the epoch's start`,
    ]);
  }
}

/** Python's own `max` and `min` keep their names. */
export const pythonName = (name: string): string => ({ max: "largest", min: "smallest" })[name] ?? name;
