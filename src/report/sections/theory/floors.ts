import { stationaryVariance } from "#theory/quadratic.ts";
import type { Study } from "#theory/study.ts";
import type { Figure } from "../../model.ts";
import { compact } from "#lib/numbers.ts";
import { FIRST, line, lineFigure, SECOND } from "./lines.ts";

const POINTS = 80;

/** The variance over the learning rate. */
export function varianceFigure({ problem, floors }: Study): Figure[] {
  const momenta = [...new Set(floors.map(({ momentum }) => momentum))];
  // Well below the rates that are measured, where the formula is a straight line.
  const lowest = Math.min(...floors.map(({ sharpness }) => sharpness)) / 4;
  const highest = Math.max(...floors.map(({ sharpness }) => sharpness));
  const { curvature, noise } = problem;
  const straight = [lowest, highest];
  return [lineFigure({
    id: "floor-variance",
    title: "Variance against the learning rate",
    width: "full",
    caption:
      "Curves: the formula. Crosses: measured over chains that have settled. Dotted line: ησ²/2h, which is " +
      "proportional to the learning rate.",
    alt:
      "Variance of x against rate times curvature. The crosses lie on the curves of the formula, which leave the " +
      "straight line upwards as rate times curvature nears 2, or 3.8 with momentum 0.9.",
    x: {
      title: "rate × curvature, ηh (log scale)",
      scale: "log",
      decimals: "significant",
      ticks: [0.05, 0.1, 0.2, 0.5, 1, 2, 3],
    },
    y: { title: "variance of x (log scale)", scale: "log", decimals: "significant" },
    lines: [
      ...momenta.flatMap((momentum, index) => {
        const series = FIRST + index;
        const label = momentum === 0 ? "plain SGD" : `momentum ${momentum}`;
        const end = Math.min(highest, 0.97 * 2 * (1 + momentum));
        const grid = Array.from({ length: POINTS }, (_, i) => lowest * (end / lowest) ** (i / (POINTS - 1)));
        const of = floors.filter((floor) => floor.momentum === momentum);
        return [
          line(
            series,
            label,
            grid,
            grid.map((sharpness) => stationaryVariance(problem, sharpness / curvature, momentum)),
          ),
          line(
            series,
            `${label}, measured`,
            of.map(({ sharpness }) => sharpness),
            of.map(({ measured }) => measured.value),
            {
              style: "crosses",
            },
          ),
        ];
      }),
      line(
        FIRST + 2,
        "proportional to the rate",
        straight,
        straight.map((sharpness) => (sharpness / curvature) * noise ** 2 / (2 * curvature)),
      ),
    ],
  })];
}

/** The ratio of each measured variance to its formula. */
export function ratioFigure({ floors }: Study): Figure[] {
  return [{
    kind: "figure",
    id: "floor-ratio",
    title: "Measured variance divided by the formula",
    width: "half",
    caption: "They agree at 1. Bars: 95 % intervals, which hold together for each momentum.",
    alt: `Ratios of measured variance to the formula: ${
      floors.map(({ momentum, sharpness, measured, formula }) =>
        `${(measured.value / formula).toFixed(3)} at ηh ${sharpness} with momentum ${momentum}`
      ).join("; ")
    }.`,
    chart: {
      kind: "intervals",
      x: { title: "measured variance / formula", scale: "linear", decimals: 3 },
      reference: 1,
      rows: floors.map(({ momentum, sharpness, measured: { value, interval }, formula }) => ({
        label: `ηh = ${compact(sharpness)}${momentum === 0 ? "" : `, momentum ${momentum}`}`,
        series: momentum === 0 ? FIRST : SECOND,
        value: value / formula,
        interval: [interval[0] / formula, interval[1] / formula],
      })),
    },
  }];
}
