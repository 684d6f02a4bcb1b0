/// <reference lib="dom" />
import { lossAt } from "#theory/landscape.ts";
import type { Curve } from "../plot/drawing.ts";
import { plot } from "../plot/plot.ts";
import { framed, type Panel, type View } from "./view.ts";

/** Half the side of the square that is shown, as a multiple of the start's distance. */
const REACH = 1.2;
/** Contours go through these shares of the way from the minimum to the start. */
const CONTOURS = [0.1, 0.25, 0.45, 0.7, 1] as const;
const CORNERS = 72;

/** The loss as contours, with the path of one run, the exact mean of all, and their spread at the step looked at. */
export function pathPanel(): Panel {
  const picture = plot({
    x: { title: "y, along the floor", scale: "linear", decimals: "significant" },
    y: { title: "x", scale: "linear", decimals: "significant" },
    bare: true,
    alt: "Path of one run of SGD over the contours of the loss",
  });
  const element = framed("path", "Over the loss: x against y", [
    { look: "run", label: "one run" },
    { look: "exact", label: "exact mean" },
    { look: "spread", label: "exact 2 σ" },
  ], picture.element);
  return { element, draw: (view) => picture.draw(drawingOf(view)) };
}

function drawingOf({ settings: { problem }, found, step }: View) {
  const { landscape, exact: { across, along }, sampled } = found;
  const reach = REACH * Math.abs(problem.start);
  const spread = ellipse(
    [along.mean[step]!, across.mean[step]!],
    [2 * Math.sqrt(along.variance[step]!), 2 * Math.sqrt(across.variance[step]!)],
  );
  const levels = CONTOURS.map((share) => {
    const loss = lossAt(landscape, share * landscape.across.start, share * landscape.along.start);
    const half = ({ curvature }: { readonly curvature: number }) => Math.sqrt(2 * loss / curvature);
    return { look: "contour", ...ellipse([0, 0], [half(landscape.along), half(landscape.across)]) };
  });
  const curves: Curve[] = [
    ...levels,
    { look: "run", x: sampled.y.subarray(0, step + 1), y: sampled.x.subarray(0, step + 1) },
    { look: "exact", x: along.mean.subarray(0, step + 1), y: across.mean.subarray(0, step + 1) },
    { look: "spread", ...spread },
  ];
  return {
    x: [-reach, reach] as const,
    y: [-reach, reach] as const,
    curves,
    dots: [{ look: "dot", x: sampled.y[step]!, y: sampled.x[step]! }],
  };
}

/** An ellipse with its axes along those of the picture. */
function ellipse([x, y]: readonly [number, number], [width, height]: readonly [number, number]) {
  const angles = Array.from({ length: CORNERS + 1 }, (_, corner) => 2 * Math.PI * corner / CORNERS);
  return {
    x: angles.map((angle) => x + width * Math.cos(angle)),
    y: angles.map((angle) => y + height * Math.sin(angle)),
  };
}
