import { median } from "#lib/median.ts";
import type { PathEvent, SharpnessEvent } from "#train/events.ts";
import { type PairedDifference, pairedDifference } from "#stats/paired.ts";
import type { Curve } from "#stats/curves.ts";
import { mean } from "#stats/summary.ts";
import { lossAround, type RestartEffect, restartEffects, windowOf } from "./dynamics.ts";
import type { RunRecord } from "#results/run.ts";
import { evals } from "#results/final.ts";

/** One restart of an arm over its seeds. */
export interface RestartOverSeeds {
  /** Number of the cycle that begins. */
  readonly cycle: number;
  /** Earliest and latest first step of that cycle; they differ where the schedule watches the run. */
  readonly steps: readonly [number, number];
  /** Nats. */
  readonly spike: PairedDifference;
  readonly recovered: {
    readonly runs: number;
    readonly of: number;
    /** Median of those that did, in steps. */
    readonly steps: number | null;
  };
  /** Best validation accuracy (0 … 1) of the cycle that began minus that of the one that ended. */
  readonly gain: PairedDifference;
}

/** Every restart of an arm, in order. Intervals are widened for the number of restarts. */
export function restartsOverSeeds(records: readonly RunRecord[], resolution: number): RestartOverSeeds[] {
  const effects = records.flatMap((record) =>
    restartEffects(record, windowOf(record)).map((effect) => ({ ...effect, seed: record.plan.seed }))
  );
  const byCycle = Map.groupBy(effects, ({ cycle }) => cycle);
  return [...byCycle].sort(([a], [b]) => a - b).map(([cycle, found]) => {
    const starts = found.map(({ step }) => step);
    const spiked = found.filter(({ spike }) => spike !== null);
    const recoveries = spiked.flatMap(({ recovery }) => recovery ?? []);
    const of = (value: (effect: RestartEffect) => number | null) =>
      aboveZero(found.map((effect) => [effect.seed, value(effect)]), byCycle.size);
    return {
      cycle,
      steps: [Math.min(...starts), Math.max(...starts)],
      spike: of(({ spike }) => spike),
      recovered: {
        runs: recoveries.length,
        of: spiked.length,
        steps: recoveries.length === 0 ? null : median(recoveries),
      },
      gain: aboveZero(
        found.map(({ seed, bestBefore, bestAfter }) => [
          seed,
          bestBefore === null || bestAfter === null ? null : bestAfter - bestBefore,
        ]),
        byCycle.size,
        resolution,
      ),
    };
  });
}

/** Best validation accuracy (0 … 1) of each cycle of a run, by the number of the cycle. */
export function bestByCycle(record: RunRecord): Curve {
  const restarts = record.events.flatMap((event) => event.kind === "restart" ? [event] : []);
  const best = new Map<number, number>();
  for (const { step, accuracy } of evals(record, "validation")) {
    // An evaluation after the last step of a cycle comes before the restart and belongs to what ends there.
    const cycle = restarts.findLast((restart) => restart.step < step)?.cycle ?? (restarts[0]?.cycle ?? 1) - 1;
    best.set(cycle, Math.max(best.get(cycle) ?? 0, accuracy));
  }
  const cycles = [...best.keys()].sort((a, b) => a - b);
  return { steps: cycles, values: cycles.map((cycle) => best.get(cycle)!) };
}

/**
 * The training loss around one restart of a run, as {@link lossAround} has it, within the cycles on either side. `null`
 * where the run has no such restart, or not a window before it.
 */
export function lossAroundRestart(record: RunRecord, cycle: number): Curve | null {
  const restarts = record.events.flatMap((event) => event.kind === "restart" ? [event] : []);
  const index = restarts.findIndex((restart) => restart.cycle === cycle);
  if (index === -1) return null;
  return lossAround(record, restarts[index]!.step, {
    from: restarts[index - 1]?.step ?? 0,
    until: restarts[index + 1]?.step ?? Infinity,
  });
}

/** The straight line between the ends of two cycles, or from the end of the parent run to a run's own, over seeds. */
export interface PathOverSeeds {
  readonly from: PathEvent["from"];
  readonly to: PathEvent["to"];
  /** Mean distance as a share of the norm of the weights at its beginning. */
  readonly relativeDistance: number;
  /** Nats, see {@link barrierOf}; from the start, see {@link riseOf}. */
  readonly barrier: PairedDifference;
  readonly curves: readonly Curve[];
}

/**
 * The loss barrier on a linear path (nats): the largest height of the loss above the straight line between the losses at
 * its ends (Entezari et al., "The Role of Permutation Invariance in Linear Mode Connectivity",
 * 2022, definition 2.2). Below zero where the loss sags everywhere: the ends are connected.
 */
export function barrierOf({ positions, losses }: Pick<PathEvent, "positions" | "losses">): number {
  const [start, end] = [losses[0]!, losses.at(-1)!];
  return Math.max(
    ...positions.slice(1, -1).map((at, index) => losses[index + 1]! - ((1 - at) * start + at * end)),
  );
}

/**
 * The largest height of the loss on a linear path above the higher of its ends (nats). From a run's starting point to its
 * end the loss falls far, and a late fall lies above the straight line without rising anywhere, so {@link barrierOf} would
 * report a barrier where there is none. Below zero where the loss only falls.
 */
export function riseOf({ losses }: Pick<PathEvent, "losses">): number {
  return Math.max(...losses.slice(1, -1)) - Math.max(losses[0]!, losses.at(-1)!);
}

/**
 * The lowest loss inside a linear path minus that of its lower end (nats): below zero where the path leads through better
 * weights than those at its ends, as between two points on the slopes of a valley.
 */
export function sagOf({ losses }: Pick<PathEvent, "losses">): number {
  return Math.min(...losses.slice(1, -1)) - Math.min(losses[0]!, losses.at(-1)!);
}

/** The paths of an arm, in order of their cycles. Intervals are widened for the number of paths. */
export function pathsOverSeeds(records: readonly RunRecord[]): PathOverSeeds[] {
  const paths = records.flatMap(({ plan, events }) =>
    events.flatMap((event) => event.kind === "path" ? [{ ...event, seed: plan.seed }] : [])
  );
  const groups = [...Map.groupBy(paths, ({ from, to }) => `${from}-${to}`).values()];
  return groups.map((found) => ({
    from: found[0]!.from,
    to: found[0]!.to,
    relativeDistance: mean(found.map((path) => path.relative_distance)),
    barrier: aboveZero(
      found.map((path) => [path.seed, path.from === "start" ? riseOf(path) : barrierOf(path)]),
      groups.length,
    ),
    curves: found.map(({ positions, losses }) => ({ steps: positions, values: losses })),
  })).sort((a, b) => place(a.from) - place(b.from));
}

/** Order of the cycle at which a path begins: the end of the parent run comes first. */
const place = (from: PathEvent["from"]) => from === "start" ? -1 : from;

/** Sharpness of the minimum at the end of each cycle: mean rise of the loss (nats), by the number of the cycle. */
export function sharpnessByCycle(record: RunRecord): Curve {
  const found = record.events.filter((event): event is SharpnessEvent => event.kind === "sharpness")
    .toSorted((a, b) => a.cycle - b.cycle);
  return { steps: found.map(({ cycle }) => cycle), values: found.map(({ rises }) => mean(rises)) };
}

/** A value of each seed against zero. */
function aboveZero(
  values: readonly (readonly [number, number | null])[],
  family: number,
  resolution = 0,
): PairedDifference {
  return pairedDifference(new Map(values), new Map(values.map(([seed]) => [seed, 0])), {
    family,
    resolution,
  });
}
