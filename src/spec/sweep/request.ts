import type { Spec } from "../schema.ts";
import { ratePath, tunedArm } from "../tuned.ts";
import type { SweepAxis } from "./axes.ts";
import { type Cell, gridCells, randomCells } from "./cells.ts";
import { checkPath } from "./paths.ts";
import { oneRung, planRungs, type Rung } from "./rungs.ts";
import { parseDuration } from "#lib/duration.ts";

export const METHODS = ["grid", "random", "halving"] as const;
export type Method = typeof METHODS[number];

/** Everything that a sweep is asked for beside its spec. Plain data: the same request makes the same sweep. */
export interface SweepRequest {
  readonly axes: readonly SweepAxis[];
  /** Name of the arm that is swept. */
  readonly arm: string;
  readonly method: Method;
  /** Cells that are drawn; `null` for every combination. */
  readonly samples: number | null;
  /** Seed of the draw. */
  readonly draw: number;
  /** Of successive halving: 1/eta of the cells reach the next rung. */
  readonly eta: number;
  /** Seeds that every cell is trained with. */
  readonly seeds: readonly number[];
  /** Length of a full run, in epochs or steps. */
  readonly duration: string;
  /** Shortest rung of successive halving; `null` for no bound. */
  readonly min_duration: string | null;
  /** Runs all planned seeds also where no difference can be seen. */
  readonly all: boolean;
  /** Seeds are added in these looks until the best cell is known; absent where every cell runs with every seed. */
  readonly looks?: {
    /** Counts of seeds, rising; the last is the number of seeds. */
    readonly at: readonly number[];
    /** Seconds; `null` for no limit. */
    readonly budget_s: number | null;
    /** A difference in accuracy up to this does not matter. */
    readonly margin: number;
  };
}

/**
 * The arm that a sweep is about: the one named, else the one that a path leads into, else the first.
 *
 * @throws {RangeError} where paths lead into another arm or into two, or the arm cannot be trained by itself.
 */
export function sweptArm(spec: Spec, axes: readonly SweepAxis[], named: string | null): Spec["arms"][number] {
  const into = [
    ...new Set(
      axes.map(({ path }) => checkPath(spec, path)).filter(([head]) => head === "arms").map((path) =>
        path[1] as number
      ),
    ),
  ];
  const index = named === null ? into[0] ?? 0 : spec.arms.findIndex(({ name }) => name === named);
  const arm = spec.arms[index];
  if (!arm) {
    throw new RangeError(
      `There is no arm ${JSON.stringify(named)}; the spec has ${
        spec.arms.map(({ name }) => name).join(", ")
      }`,
    );
  }
  const other = into.find((each) => each !== index);
  if (other !== undefined) {
    throw new RangeError(
      `Cannot sweep over arms[${other}] and train arms[${index}] (${arm.name}): one arm is swept at a time; ` +
        "choose it with --arm",
    );
  }
  const key = arm.from !== undefined ? "from" : arm.members !== undefined ? "members" : null;
  if (key !== null) {
    throw new RangeError(
      `Cannot sweep over arms[${index}] (${arm.name}): it has \`${key}\`, and a cell is one run from fresh weights`,
    );
  }
  const rateAt = `arms[${index}].schedule.${ratePath(arm.schedule).join(".")}`;
  const rate = axes.some(({ path }) => [`arms[${index}].schedule`, rateAt].includes(path));
  if (tunedArm(arm.schedule, arm.name) !== null && !rate) {
    throw new RangeError(
      `Cannot sweep over arms[${index}] (${arm.name}): its rate is \`tuned\`, and a sweep does not tune. Write the ` +
        `rate, or sweep over it: --over '${rateAt}=0.01,0.03,0.1'`,
    );
  }
  return arm;
}

/** The cells of a request. @throws {RangeError | SyntaxError} as {@link gridCells} and {@link randomCells}. */
export function cellsOf({ axes, method, samples, draw }: SweepRequest): Cell[] {
  if (method === "random" && samples === null) {
    throw new RangeError("A random search needs the number of cells to draw: add --samples N");
  }
  return samples === null ? gridCells(axes) : randomCells(axes, samples, draw);
}

/** The rounds of a request: one, but for successive halving. @throws {RangeError} as {@link planRungs}. */
export function rungsOf({ method, eta, duration, min_duration }: SweepRequest, cells: number): Rung[] {
  if (method !== "halving") return oneRung(cells);
  if (min_duration === null) return planRungs(cells, eta);
  const [least, full] = [parseDuration(min_duration), parseDuration(duration)];
  if (least.unit !== full.unit && least.unit !== "percent") {
    throw new RangeError(
      `The shortest rung (${min_duration}) and the full length (${duration}) must be in the same unit`,
    );
  }
  const share = least.unit === "percent" ? least.value / 100 : least.value / full.value;
  if (share > 1) {
    throw new RangeError(`The shortest rung (${min_duration}) is longer than a full run (${duration})`);
  }
  return planRungs(cells, eta, share);
}
