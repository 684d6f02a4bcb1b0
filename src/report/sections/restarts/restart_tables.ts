import { lossTitle } from "#results/losses.ts";
import { pathsOverSeeds, restartsOverSeeds } from "#study/experiment/restarts.ts";
import type { PairedDifference } from "#stats/paired.ts";
import { fixed, interval, MISSING, signed } from "#lib/numbers.ts";
import { left, right, type Table, tableUnlessEmpty } from "../../table.ts";
import type { ArmRuns } from "../curves/arm_lines.ts";

/** Restarts of one arm that the table lists; of more, the first and last half. */
const MOST_ROWS = 8;

/** Effect of each restart: loss spike, recovery, best accuracy before and after. */
export function restartsTable(arms: readonly ArmRuns[], validationImages: number): Table[] {
  let isShortened = false;
  const rows = arms.flatMap(({ arm, series, runs }) => {
    const all = restartsOverSeeds(runs, 1 / validationImages);
    const isLong = all.length > MOST_ROWS;
    isShortened ||= isLong;
    const shown = isLong ? [...all.slice(0, MOST_ROWS / 2), ...all.slice(-MOST_ROWS / 2)] : all;
    return shown.map((restart) => ({ arm, series, ...restart }));
  });
  return tableUnlessEmpty(rows, {
    caption: "Effect of each restart",
    columns: [
      left("arm", ({ arm }) => arm),
      right("restart", ({ cycle }) => String(cycle)),
      right("at step", ({ steps }) => [...new Set(steps)].map((step) => fixed(step, 0)).join(" – ")),
      right(
        lossTitle("loss spike", arms.flatMap(({ runs }) => runs)),
        ({ spike }) => differenceText(spike, 1, 3),
      ),
      right("95 % interval", ({ spike }) => interval(spike.interval, 3)),
      right("steps to recover", ({ recovered }) => recoveryText(recovered)),
      right("best after − before (points)", ({ gain }) => differenceText(gain, 100, 1)),
      right("95 % interval", ({ gain }) => interval(gain.interval, 1, 100)),
    ],
    keys: 2,
    series: ({ series }) => series,
    note:
      "Loss spike: highest training loss after the restart minus that before, in windows of a twentieth of the run. Steps " +
      "to recover: median of the runs that do within the cycle. Intervals of an arm hold together." +
      (isShortened ? " Of many restarts, only the first and last are listed." : ""),
  });
}

function recoveryText(
  { of, runs, steps }: { readonly of: number; readonly runs: number; readonly steps: number | null },
): string {
  return of === 0 ? MISSING : `${steps === null ? MISSING : fixed(steps, 0)} (${runs} of ${of})`;
}

/**
 * Distance and loss barrier between the ends of neighbouring cycles, and between the start and end of runs that
 * continue others.
 */
export function pathsTable(arms: readonly ArmRuns[]): Table[] {
  const rows = arms.flatMap(({ arm, series, runs }) =>
    pathsOverSeeds(runs).map((path) => ({ arm, series, ...path, cycles: `${path.from} to ${path.to}` }))
  );
  const isChained = rows.some(({ cycles }) => cycles === "start to end");
  return tableUnlessEmpty(rows, {
    caption: isChained
      ? "Loss barriers from start to end, and between the ends of cycles"
      : "Loss barriers between the ends of cycles",
    columns: [
      left("arm", ({ arm }) => arm),
      left("cycles", ({ cycles }) => cycles),
      right("distance (% of the weights' norm)", ({ relativeDistance }) => fixed(100 * relativeDistance, 1)),
      right("loss barrier (nats)", ({ barrier }) => differenceText(barrier, 1, 3)),
      right("95 % interval", ({ barrier }) => interval(barrier.interval, 3)),
      left("verdict", ({ barrier }) => BARRIERS[barrier.verdict]),
    ],
    keys: 2,
    series: ({ series }) => series,
    note: "Loss barrier: the largest rise above the straight line between the losses at both ends. " +
      (isChained ? "From start to end: the rise above the higher of the two. " : "") +
      "Intervals of an arm hold together.",
  });
}

const BARRIERS: Record<PairedDifference["verdict"], string> = {
  higher: "barrier",
  lower: "linearly connected",
  "no difference that matters": "no barrier that matters",
  "no detectable difference": "no detectable barrier",
  "not enough runs": "not enough runs",
};

function differenceText({ difference }: PairedDifference, scale: number, decimals: number): string {
  return signed(difference === null ? null : scale * difference, decimals);
}
