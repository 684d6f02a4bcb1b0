/// <reference lib="dom" />
import { roundUp } from "../ends.ts";
import { plot } from "../plot/plot.ts";
import { stepsFrom } from "./steps.ts";
import { framed, type Panel } from "./view.ts";

/** The rate of each step, on the axis of the loss. */
export function ratePanel(): Panel {
  const picture = plot({
    x: { title: "step", scale: "linear", decimals: 0 },
    y: { title: "learning rate", scale: "linear", decimals: "significant" },
    alt: "Learning rate over the steps",
  });
  return {
    element: framed("rate", "Schedule: learning rate", [], picture.element),
    draw: ({ found: { rates }, step, steps }) => {
      picture.draw({
        x: [0, steps],
        y: [0, roundUp(rates.reduce((a, b) => Math.max(a, b)))],
        curves: [{ look: "exact", x: stepsFrom(0, rates.length), y: rates }],
        cursor: step,
      });
    },
    onStep: (chosen) => picture.onPoint((x, isPressed) => isPressed && chosen(Math.round(x))),
  };
}
