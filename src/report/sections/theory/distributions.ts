import type { Distribution } from "#theory/distributions.ts";
import type { Study } from "#theory/study.ts";
import type { Figure } from "../../model.ts";
import type { Table } from "../../table.ts";
import { compact, fixed, interval } from "../../format/numbers.ts";
import { FIRST, line, lineFigure, SECOND } from "./lines.ts";

/** A histogram of each simulated distribution beside the normal density of the formula's variance. */
export function distributionFigures({ distributions }: Study): Figure[] {
  return distributions.map((found, index) => {
    const { histogram: { edges, density }, deviation, chains } = found;
    // The last bar is drawn to its right edge.
    const heights = [...density, density.at(-1)!];
    return lineFigure({
      id: `distribution-${index + 1}`,
      title: capital(nameOf(found)),
      width: "half",
      caption: "",
      alt:
        `Histogram of ${compact(chains, 6)} chains with ${
          nameOf(found)
        }, beside the normal density of standard ` +
        `deviation ${deviation.toPrecision(3)}. The distribution functions differ by ${
          found.distance.toFixed(4)
        } at most.`,
      x: { title: "x", scale: "linear", decimals: 3 },
      y: { title: "density (1/x)", scale: "linear", decimals: 3 },
      lines: [
        line(FIRST, "chains", edges, heights, { style: "steps" }),
        line(SECOND, "normal, the formula's variance", edges, edges.map((x) => normalDensity(x, deviation))),
      ],
    });
  });
}

export function distributionsTable({ distributions }: Study): Table {
  return {
    kind: "table",
    caption: "Distance from the normal distribution of the formula's variance",
    columns: [
      { label: "noise and rate", align: "left" },
      ...["variance / formula", "K–S distance", "of the true distribution", "critical, 5 %"].map((label) => ({
        label,
        align: "right" as const,
      })),
    ],
    keys: 1,
    rows: distributions.map((found) => ({
      series: null,
      cells: [
        nameOf(found),
        fixed(found.varianceRatio, 3),
        fixed(found.distance, 4),
        interval(found.interval, 4),
        fixed(found.critical, 4),
      ],
    })),
    note:
      "Kolmogorov–Smirnov distance: the largest difference of the two distribution functions. A sample from the " +
      "normal distribution itself exceeds the critical value once in twenty. The interval is that of Dvoretzky, Kiefer " +
      "and Wolfowitz, 95 %.",
  };
}

function nameOf({ noise, sharpness }: Distribution): string {
  return `${noise === "coin" ? "coin flips" : "normal noise"}, ηh = ${compact(sharpness)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function normalDensity(x: number, deviation: number): number {
  return Math.exp(-0.5 * (x / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
}
