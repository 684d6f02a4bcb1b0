/// <reference lib="dom" />
import { compact } from "#lib/numbers.ts";
import type { PlaygroundArm } from "#report/sections/playground/part.ts";
import { whole } from "../controls/positions.ts";
import { slider } from "../controls/slider.ts";
import { html } from "../dom.ts";

/** The view of the pictures. */
export interface ViewControls {
  readonly elements: readonly HTMLElement[];
  /** The step whose rates stand below the picture. */
  step(): number;
  /** Chooses a step, or the nearest one of any of the runs. */
  setStep(step: number): void;
  isLog(): boolean;
  /** False for a schedule that the legend of the page hides. */
  isShown(arm: number): boolean;
}

/** A slider for the step, a switch for the scale of the rate, and the switches of the page's legend. */
export function viewControls(arms: readonly PlaygroundArm[], changed: () => void): ViewControls {
  const first = Math.min(...arms.map(({ run }) => run.origin + run.first));
  const last = Math.max(...arms.map(({ run }) => run.origin + run.first + run.steps)) - 1;
  const step = slider({
    name: "step",
    label: "step",
    help: "the step whose rates stand below the picture",
    positions: whole(first, Math.max(first + 1, last)),
    value: first,
    print: (value) => compact(value, 9),
    changed,
  });
  const log = html("input", { type: "checkbox", name: "log" });
  const name = html("span", { class: "slider-name" }, "logarithmic rate");
  const switches = [...document.querySelectorAll<HTMLInputElement>("input[data-series]")];
  for (const input of [log, ...switches]) input.addEventListener("change", changed);
  return {
    elements: [step.element, html("label", { class: "switched" }, log, name)],
    step: () => step.value(),
    setStep: (at) => {
      step.set(Math.max(first, Math.min(last, at)));
      changed();
    },
    isLog: () => log.checked,
    isShown: (arm) => switches[arm]?.checked ?? true,
  };
}
