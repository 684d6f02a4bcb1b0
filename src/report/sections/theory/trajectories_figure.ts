import { buildSchedule } from "#schedules/registry.ts";
import { CONTEXT } from "#theory/power.ts";
import type { Study } from "#theory/study.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import { compact } from "#lib/numbers.ts";
import { line, powersOfTen } from "./lines.ts";

/** Each schedule's rate above its mean squared error, both on logarithmic axes. */
export function trajectoriesFigure({ trajectories, trajectorySteps }: Study): Figure {
  const shape = { totalSteps: trajectorySteps, stepsPerEpoch: trajectorySteps };
  const panels = trajectories.map(({ name, schedule, curve }, series) => {
    const { lr } = buildSchedule(schedule, shape, CONTEXT);
    // The curve is that after each step, the first of which is 1.
    const rates = curve.steps.map((step) => lr(Math.max(0, step - 1)));
    return {
      label: name,
      remark: "",
      upper: line(series, name, curve.steps, rates, { least: Number.MIN_VALUE }),
      lower: line(series, name, curve.steps, curve.error),
    };
  });
  const endOf = ({ label, y }: Line) => `${label} ends at ${compact(y.at(-1)!)}`;
  const log = { scale: "log", decimals: "significant" } as const;
  return {
    kind: "figure",
    id: "schedules-at-a-glance",
    title: "Learning rate and mean squared error of each schedule",
    width: "full",
    caption: "Logarithmic axes; the exact recursion.",
    alt: `Rate above mean squared error over steps: ${panels.map(({ lower }) => endOf(lower)).join("; ")}.`,
    chart: {
      kind: "multiples",
      x: { ...log, title: "step", decimals: 0, ticks: powersOfTen(trajectorySteps) },
      upper: { ...log, title: "rate" },
      lower: { ...log, title: "error E[x²]" },
      panels,
      levels: [],
    },
  };
}
