import type { Distribution } from "#theory/distributions.ts";
import { normalDensity } from "#theory/histogram.ts";
import type { Study } from "#theory/study.ts";
import type { Figure } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { compact, fixed, interval } from "#lib/numbers.ts";
import { capitalized } from "../../format/text.ts";
import { FIRST, line, lineFigure, SECOND } from "./lines.ts";

/** A histogram of each simulated distribution, with the normal density of the formula's variance. */
export function distributionFigures({ distributions }: Study): Figure[] {
  return distributions.map((found, index) => {
    const { histogram: { edges, density }, deviation, chains } = found;
    // The last height is repeated, so that the last bar reaches its right edge.
    const heights = [...density, density.at(-1)!];
    return lineFigure({
      id: `distribution-${index + 1}`,
      title: capitalized(nameOf(found)),
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
        line(
          SECOND,
          "normal density, variance of the formula",
          edges,
          edges.map((x) => normalDensity(x, 0, deviation)),
        ),
      ],
    });
  });
}

/** Distance of each simulated distribution from the normal one. */
export function distributionsTable({ distributions }: Study): Table {
  return tableOf(distributions, {
    caption: "Distance from the normal distribution with the formula's variance",
    columns: [
      left("noise and rate", nameOf),
      right("variance / formula", ({ varianceRatio }) => fixed(varianceRatio, 3)),
      right("K–S distance", ({ distance }) => fixed(distance, 4)),
      right("95 % interval", (found) => interval(found.interval, 4)),
      right("critical value, 5 %", ({ critical }) => fixed(critical, 4)),
    ],
    note:
      "K–S distance: the largest difference between the two distribution functions. A normal sample exceeds the critical " +
      "value once in twenty. Interval: Dvoretzky, Kiefer and Wolfowitz.",
  });
}

function nameOf({ noise, sharpness }: Distribution): string {
  return `${noise === "coin" ? "coin flips" : "normal noise"}, ηh = ${compact(sharpness)}`;
}
