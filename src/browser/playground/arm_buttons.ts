/// <reference lib="dom" />
import { seriesStyle } from "#report/charts/palette.ts";
import { html, setAttributes, setText, svg } from "../dom.ts";
import type { Moved } from "./state.ts";

/** A button for each schedule, of which one is pressed: the one whose parameters are shown; and one that resets all. */
export function armButtons(count: number, select: (arm: number) => void, reset: () => void): {
  readonly element: HTMLElement;
  draw(arms: readonly Moved[], selected: number): void;
} {
  const names = Array.from({ length: count }, () => html("span", { class: "name" }));
  const buttons = names.map((name, index) => {
    const button = html("button", { type: "button", class: "arm" }, swatchOf(index), name);
    button.addEventListener("click", () => select(index));
    return button;
  });
  const resetButton = html("button", { type: "button", class: "theme" }, "Reset");
  resetButton.addEventListener("click", reset);
  // One schedule alone needs no choice.
  const shown = count === 1 ? [] : buttons;
  return {
    element: html(
      "div",
      { class: "arms", role: "group", "aria-label": "Schedule to move" },
      ...shown,
      resetButton,
    ),
    draw: (arms, selected) => {
      arms.forEach(({ name }, index) => {
        setText(names[index]!, name);
        setAttributes(buttons[index]!, { "aria-pressed": String(index === selected), title: name });
      });
    },
  };
}

/** A short piece of the schedule's line. */
function swatchOf(index: number): SVGSVGElement {
  const { color, dashArray } = seriesStyle(index);
  const line = svg("line", { x1: 1, x2: 27, y1: 5, y2: 5, "stroke-width": 3, "stroke-dasharray": dashArray });
  const look = `swatch ${color.slice(1)}`;
  return svg("svg", { class: look, width: 28, height: 10, "aria-hidden": "true" }, line);
}
