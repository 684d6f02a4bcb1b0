import { pathsOverSeeds, restartsOverSeeds } from "#study/experiment/restarts.ts";
import type { PairedDifference } from "#stats/paired.ts";
import type { ArmRuns } from "../curves/curve_figures.ts";
import type { Row, Table } from "../../table.ts";
import { fixed, interval, MISSING, signed } from "../../format/numbers.ts";

const right = (label: string) => ({ label, align: "right" as const });
const left = (label: string) => ({ label, align: "left" as const });

/** Restarts of one arm that a table tells; of more, the first and last half. */
const MOST_ROWS = 8;

/** What each restart did: spike, recovery, best before and after. */
export function restartsTable(arms: readonly ArmRuns[], validationImages: number): Table[] {
  let shortened = false;
  const rows = arms.flatMap(({ arm, series, runs }) => {
    const all = restartsOverSeeds(runs, 1 / validationImages);
    const isLong = all.length > MOST_ROWS;
    shortened ||= isLong;
    const shown = isLong ? [...all.slice(0, MOST_ROWS / 2), ...all.slice(-MOST_ROWS / 2)] : all;
    return shown.map(({ cycle, steps, spike, recovered, gain }): Row => ({
      series,
      cells: [
        arm,
        String(cycle),
        [...new Set(steps)].map((step) => fixed(step, 0)).join(" – "),
        ...measured(spike, 1, 3),
        recovered.of === 0
          ? MISSING
          : `${recovered.steps === null ? MISSING : fixed(recovered.steps, 0)} (${recovered.runs} of ` +
            `${recovered.of})`,
        ...measured(gain, 100, 1),
      ],
    }));
  });
  return table(rows, {
    caption: "What each restart did",
    columns: [
      left("arm"),
      right("restart"),
      right("at update"),
      right("spike (nats)"),
      right("95 % interval"),
      right("steps to recover"),
      right("best after − before (points)"),
      right("95 % interval"),
    ],
    keys: 2,
    note:
      "Spike: highest mean of the training loss over a twentieth of the run after the restart, minus that before. " +
      "Recovered: back to the loss before within the cycle, median of the runs that did. Best: highest validation " +
      "accuracy of the cycle that begins minus that of the cycle that ends. Intervals are widened for the restarts of " +
      `an arm.${shortened ? " Of many restarts, the first and the last are shown." : ""}`,
  });
}

/** How far apart the ends of cycles lie, and the start and end of chained runs, and whether a barrier is between. */
export function pathsTable(arms: readonly ArmRuns[]): Table[] {
  const rows = arms.flatMap(({ arm, series, runs }) =>
    pathsOverSeeds(runs).map(({ from, to, relativeDistance, barrier }): Row => ({
      series,
      cells: [
        arm,
        `${from} to ${to}`,
        fixed(100 * relativeDistance, 1),
        ...measured(barrier, 1, 3),
        BARRIERS[barrier.verdict],
      ],
    }))
  );
  const isChained = rows.some(({ cells }) => cells[1] === "start to end");
  return table(rows, {
    caption: isChained ? "From start to end, and between the ends of cycles" : "Between the ends of cycles",
    columns: [
      left("arm"),
      left("cycles"),
      right("moved (% of the weights' norm)"),
      right("barrier (nats)"),
      right("95 % interval"),
      left("verdict"),
    ],
    keys: 2,
    note:
      "Barrier: the largest rise of the validation loss on the way above the straight line between the losses at " +
      "its ends; below zero where the loss sags between them. " +
      (isChained
        ? "From start to end: above the higher of the two; below zero where the loss only falls. "
        : "") +
      "Intervals are widened for the paths of an arm.",
  });
}

const BARRIERS: Record<PairedDifference["verdict"], string> = {
  higher: "a barrier",
  lower: "one valley",
  "no detectable difference": "no detectable barrier",
  "not enough runs": "not enough runs",
};

function measured(
  { difference, interval: bounds }: PairedDifference,
  scale: number,
  decimals: number,
): string[] {
  return [
    signed(difference === null ? null : scale * difference, decimals),
    interval(bounds, decimals, scale),
  ];
}

function table(rows: readonly Row[], rest: Omit<Table, "kind" | "rows">): Table[] {
  return rows.length === 0 ? [] : [{ kind: "table", rows, ...rest }];
}
