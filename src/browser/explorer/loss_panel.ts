/// <reference lib="dom" />
import { peakOf } from "#theory/convex_bound.ts";
import { lossFloor } from "#theory/landscape.ts";
import { decades } from "../ends.ts";
import { plot } from "../plot/plot.ts";
import { stepsFrom } from "./steps.ts";
import { framed, type Panel } from "./view.ts";

/** The largest loss that is drawn, as a multiple of the first one. */
const MOST = 1000;

/** The loss over the steps: exactly, as the expectation over all runs, and of one run. */
export function lossPanel(): Panel {
  const picture = plot({
    x: { title: "steps done", scale: "linear", decimals: 0 },
    y: { title: "loss", scale: "log", decimals: "significant" },
    alt: "Loss over the steps, exactly and of one run",
  });
  const element = framed("loss", "Loss (log scale)", [
    { look: "run", label: "one run" },
    { look: "exact", label: "exact mean of all" },
  ], picture.element);
  return {
    element,
    draw: ({ settings: { momentum }, found: { landscape, rates, exact, sampled }, step, steps }) => {
      const floor = lossFloor(landscape, peakOf(rates), momentum);
      const done = stepsFrom(0, steps + 1);
      picture.draw({
        x: [0, steps],
        // Where SGD diverges, the loss soon has hundreds of digits.
        y: decades(exact.loss.map((loss) => Math.min(loss, MOST * exact.loss[0]!))),
        curves: [{ look: "run", x: done, y: sampled.loss }, { look: "exact", x: done, y: exact.loss }],
        levels: floor === null ? [] : [{ value: floor, label: "a constant rate settles here" }],
        cursor: step,
      });
    },
    onStep: (chosen) => picture.onPoint((x, isPressed) => isPressed && chosen(Math.round(x))),
  };
}
