/// <reference lib="dom" />
import { html, setText } from "../dom.ts";
import { PLACES, type Positions } from "./positions.ts";

export interface Slider {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  value(): number;
  /** Shows another value, exactly, without an event. */
  set(value: number): void;
  /** Slides over other values from now on. */
  range(positions: Positions, value: number): void;
  disable(isOff: boolean): void;
}

export interface SliderOptions {
  readonly name: string;
  readonly label: string;
  /** Its description, for a pointer that rests on it. */
  readonly help: string;
  readonly positions: Positions;
  readonly value: number;
  /** A value with its unit. */
  print(value: number): string;
  changed(value: number): void;
}

/**
 * A labelled slider over values. The browser's own range input: a pointer, a finger and the arrow keys move it. A value
 * that was set stays exact until the slider is moved.
 */
export function slider({ name, label, help, positions, value, print, changed }: SliderOptions): Slider {
  const input = html("input", { type: "range", min: 0, max: PLACES, step: 1, name });
  const output = html("output", {});
  const element = html(
    "label",
    { class: "slider", title: help },
    html("span", { class: "slider-head" }, html("span", { class: "slider-name" }, label), output),
    input,
  );
  let [places, exact] = [positions, value];
  const show = () => {
    const text = print(exact);
    setText(output, text);
    input.setAttribute("aria-valuetext", text);
  };
  const set = (to: number) => {
    exact = to;
    input.value = String(places.placeOf(to));
    show();
  };
  input.addEventListener("input", () => {
    exact = places.valueAt(Number(input.value));
    show();
    changed(exact);
  });
  set(value);
  return {
    element,
    input,
    value: () => exact,
    set,
    range: (next, at) => {
      places = next;
      set(at);
    },
    disable: (isOff) => {
      input.disabled = isOff;
    },
  };
}
