/// <reference lib="dom" />
import { histogramOf, normalDensity } from "#theory/histogram.ts";
import { roundUp } from "../ends.ts";
import { plot } from "../plot/plot.ts";
import { framed, type Panel, type View } from "./view.ts";

const BARS = 40;
const POINTS = 161;
/** Standard deviations to either side of the mean that are shown. */
const SIDES = 3.5;

/** x of many runs at the step looked at, beside the exact normal density. */
export function distributionPanel(): Panel {
  const picture = plot({
    x: { title: "x", scale: "linear", decimals: "significant" },
    y: { title: "density", scale: "linear", decimals: "significant" },
    alt: "Distribution of x over many runs, sampled and exactly",
  });
  const element = framed("distribution", "Distribution of x", [
    { look: "runs", label: "runs" },
    { look: "exact", label: "exact" },
  ], picture.element);
  return { element, draw: (view, runs) => picture.draw(drawingOf(view, runs)) };
}

function drawingOf({ found: { exact: { across } }, step }: View, runs: Float64Array) {
  const [mean, deviation] = [across.mean[step]!, Math.sqrt(across.variance[step]!)];
  const reach = roundUp(Math.abs(mean) + SIDES * deviation);
  const { edges, density } = histogramOf(runs, reach, BARS);
  const x = Array.from({ length: POINTS }, (_, point) => reach * (2 * point / (POINTS - 1) - 1));
  // Without any spread there is no density: all runs are in one place.
  const curve = deviation > 0 ? x.map((at) => normalDensity(at, mean, deviation)) : [];
  const peak = Math.max(...density, ...curve);
  return {
    x: [-reach, reach] as const,
    y: [0, roundUp(peak)] as const,
    curves: [
      { look: "runs", x: edges, y: [...density, density.at(-1)!], shape: "bars" as const },
      { look: "exact", x, y: curve.length > 0 ? curve : x.map(() => NaN) },
    ],
  };
}
