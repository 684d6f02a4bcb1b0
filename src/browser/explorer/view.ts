/// <reference lib="dom" />
import type { Exploration, ExplorerSettings } from "#theory/explorer.ts";
import { html } from "../dom.ts";

/** The state that all panels draw: the settings, the run under them, and the step that is looked at. */
export interface View {
  readonly settings: ExplorerSettings;
  readonly found: Exploration;
  /** 1 to `steps`. */
  readonly step: number;
  readonly steps: number;
}

/** A picture of the explorer. */
export interface Panel {
  readonly element: HTMLElement;
  /** @param runs x of many runs at the view's step. */
  draw(view: View, runs: Float64Array): void;
  /** Calls with the step that a pointer is dragged to. */
  onStep?(chosen: (step: number) => void): void;
}

/** A heading over a picture, and the keys to its lines. */
export function framed(
  name: string,
  title: string,
  keys: readonly { readonly look: string; readonly label: string }[],
  picture: Element,
): HTMLElement {
  const legend = keys.map(({ look, label }) =>
    html("span", { class: "key" }, html("span", { class: `key-mark ${look}` }), label)
  );
  return html(
    "div",
    { class: `panel ${name}` },
    html("div", { class: "panel-head" }, html("h3", {}, title), ...legend),
    picture,
  );
}
