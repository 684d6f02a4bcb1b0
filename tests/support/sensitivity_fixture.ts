import type { SweepSummary } from "#results/summary.ts";

const GAMMAS = [0.1, 0.2, 0.5];
const MILESTONES = [
  ["33.333%", "66.667%", "88.889%"],
  ["16.667%", "33.333%", "50%"],
  ["66.667%", "83.333%", "94.444%"],
];

/** Cells over two axes: one without a finished run; the best is the third, and the first is not detectably worse. */
export function sweepSummary(arm: string): SweepSummary {
  const cells = GAMMAS.flatMap((gamma, y) =>
    MILESTONES.map((milestones, x): SweepSummary["cells"][number] => {
      const isMissing = x === 1 && y === 2;
      const mean = isMissing ? null : 0.71 - 0.012 * y + (x === 1 ? -0.05 : 0.005 * x);
      const difference = mean === null ? null : mean - 0.72;
      return {
        cell: 3 * y + x + 1,
        values: [gamma, milestones],
        rung: 1,
        mean,
        sd: isMissing ? null : 0.006 + 0.002 * x,
        difference,
        interval: difference === null ? null : [difference - 0.011, difference + 0.011],
        steady: true,
        within: difference !== null && difference > -0.011,
        runs: isMissing
          ? []
          : [1, 2, 3].map((seed) => ({ seed, accuracy: mean! + 0.006 * (seed - 2), reason: "budget" })),
      };
    })
  );
  return {
    arm,
    metric: "validation_accuracy",
    axes: [
      { path: "arms[1].schedule.gamma", label: "gamma", scale: "list", values: GAMMAS },
      { path: "arms[1].schedule.milestones", label: "milestones", scale: "list", values: MILESTONES },
    ],
    cells,
    best: { cell: 3, values: cells[2]!.values, mean: 0.72 },
    region: {
      cells: [3, 1],
      of: 9,
      seeds: 3,
      axes: [
        { path: "arms[1].schedule.gamma", values: [0.1] },
        { path: "arms[1].schedule.milestones", values: [MILESTONES[0], MILESTONES[2]] },
      ],
      residual: 0.006,
      detectable: 0.03,
    },
  };
}
