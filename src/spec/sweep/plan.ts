import { parseDuration, printDuration } from "#lib/duration.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { check } from "../check.ts";
import { printPath } from "../path.ts";
import { planRun, settingsOf } from "../plan_run.ts";
import { runKey } from "../run_key.ts";
import type { RunPlan } from "../run_plan.ts";
import type { Spec, Vocabulary } from "../schema.ts";
import { tunedArm } from "../tuned.ts";
import { type Cell, type PlannedCell, runStem, withCell } from "./cells.ts";
import { cellText } from "./choice.ts";
import { checkPath } from "./paths.ts";
import type { SweepRequest } from "./request.ts";
import type { Rung } from "./rungs.ts";

/** A cell whose spec was checked as a whole. */
export interface CheckedCell extends Cell {
  readonly spec: Spec;
}

/** Budgets in images may differ by this share: an epoch of whole batches is not always the same number of images. */
const BUDGET_TOLERANCE = 0.1;

/**
 * Every cell as a spec of its own, checked like one that was written.
 *
 * @throws {RangeError} naming the first cell's value that does not fit, its place and the allowed values.
 */
export function checkCells(
  spec: Spec,
  { axes }: SweepRequest,
  cells: readonly Cell[],
  vocabulary: Vocabulary,
): CheckedCell[] {
  axes.forEach(({ path }) => checkPath(spec, path));
  const { sweep: _sweep, ...base } = spec;
  return cells.map((cell) => {
    const checked = check(withCell(base, axes, cell), vocabulary);
    if (checked.spec) return { ...cell, spec: checked.spec };
    const { path, message } = checked.problems[0]!;
    throw new RangeError(`Cannot sweep over ${cellText(axes, cell)}: ${printPath(path)}: ${message}`);
  });
}

/**
 * The runs of one rung: every cell with every seed, at the rung's share of the full length. Durations of the schedule
 * that are written in epochs or steps are multiplied by the rung's length over the spec's own, so that each rung is a
 * whole run of the schedule and no beginning of a longer one; factors per epoch stay as they are.
 *
 * @param rung counts from 1; `null` where there is only one.
 * @throws {RangeError} for a run without steps.
 */
export function planCells(
  cells: readonly CheckedCell[],
  request: SweepRequest,
  trainImages: number,
  { share, number }: Pick<Rung, "share"> & { readonly number: number | null },
): PlannedCell<CheckedCell>[] {
  return cells.map((cell) => {
    const arm = cell.spec.arms.find(({ name }) => name === request.arm)!;
    if (tunedArm(arm.schedule, arm.name) !== null) {
      throw new RangeError(`Cannot train ${JSON.stringify(arm.name)} in a sweep: its rate is \`tuned\``);
    }
    const duration = scaled(request.duration, share);
    const factor = parseDuration(duration).value /
      lengthLike(settingsOf(cell.spec, arm).duration, request.duration);
    const schedule = stretched(arm.schedule, factor) as ScheduleSpec;
    const { optimizer } = settingsOf(cell.spec, arm);
    const own = {
      ...arm,
      optimizer: optimizer.groups
        ? { ...optimizer, groups: stretched(optimizer.groups, factor) as typeof optimizer.groups }
        : optimizer,
      averages: [],
    };
    const stem = runStem(cell, number);
    const plans = request.seeds.map((seed) =>
      planRun(cell.spec, own, trainImages, {
        role: "sweep",
        stem,
        schedule,
        seed,
        start: null,
        duration,
      })
    );
    return { cell, plans };
  });
}

/**
 * Refuses cells that are the same run, or that do not see as many images as the others.
 *
 * @throws {RangeError} naming the two cells and what to do.
 */
export function checkBudgets(
  planned: readonly PlannedCell[],
  request: SweepRequest,
): void {
  const seen = new Map<string, Cell>();
  let [least, most] = [planned[0]!, planned[0]!];
  for (const each of planned) {
    const key = runKey(each.plans[0]!);
    const same = seen.get(key);
    if (same) {
      throw new RangeError(
        `The cells ${cellText(request.axes, same)} and ${
          cellText(request.axes, each.cell)
        } are the same run of ` +
          `${
            JSON.stringify(request.arm)
          }: what differs has no effect on it. An arm's own key overrides the spec's, ` +
          "and no arm uses the keys of another",
      );
    }
    seen.set(key, each.cell);
    if (imagesOf(each.plans[0]!) < imagesOf(least.plans[0]!)) least = each;
    if (imagesOf(each.plans[0]!) > imagesOf(most.plans[0]!)) most = each;
  }
  const [low, high] = [least, most].map(({ plans }) => imagesOf(plans[0]!)) as [number, number];
  if (high <= low * (1 + BUDGET_TOLERANCE)) return;
  throw new RangeError(
    `Cells have different budgets: ${cellText(request.axes, least.cell)} sees ${low} images, ` +
      `${
        cellText(request.axes, most.cell)
      } ${high}. Write the duration in epochs (it is ${request.duration}), or leave ` +
      "out batch sizes that hold few batches of the training images",
  );
}

/** Images that a run's steps see, those seen again counted again: the budget of a cell. */
export function imagesOf({ total_steps, batch_size, accumulate = 1 }: RunPlan): number {
  return total_steps * batch_size * accumulate;
}

/** A length as a share of another in the same unit; whole where it is in steps. */
function scaled(text: string, share: number): string {
  const { value, unit } = parseDuration(text);
  return printDuration({
    unit,
    value: unit === "steps" ? Math.max(1, Math.round(value * share)) : Number((value * share).toPrecision(9)),
  });
}

/** The spec's own length as a number in the unit of the sweep's. */
function lengthLike(own: string, sweeps: string): number {
  const [from, to] = [parseDuration(own), parseDuration(sweeps)];
  if (from.unit !== to.unit) {
    throw new RangeError(
      `The length of a run (${sweeps}) must be in the same unit as the spec's own (${own}), so that the schedule can be ` +
        "planned for it",
    );
  }
  return from.value;
}

/** Plain data with every duration in epochs or steps multiplied; what is a share of the run follows by itself. */
function stretched(data: unknown, factor: number): unknown {
  if (factor === 1) return data;
  if (typeof data === "string") {
    try {
      const { value, unit } = parseDuration(data);
      return unit === "percent" || value === 0 ? data : scaled(data, factor);
    } catch {
      return data;
    }
  }
  if (Array.isArray(data)) return data.map((each) => stretched(each, factor));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, stretched(value, factor)]));
}
