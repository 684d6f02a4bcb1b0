/// <reference lib="dom" />
import { printValue } from "#schedules/print.ts";
import type { RunShape } from "#lib/duration.ts";
import { PLACES } from "../controls/positions.ts";
import { html } from "../dom.ts";
import type { Field } from "./fields.ts";
import { slideOf } from "./ranges.ts";

/**
 * The control of one value: a slider beside a text with the exact value, a switch or a list.
 *
 * @param changed called with what the spec is to write; `undefined` for the default.
 */
export function fieldControl(field: Field, shape: RunShape, changed: (value: unknown) => void): HTMLElement {
  switch (field.param.kind) {
    case "number":
    case "duration":
      return numberControl(field, shape, changed);
    case "boolean":
      return switchControl(field, changed);
    case "choice":
      return listControl(field, field.param.options, changed);
  }
}

const NONE = "none";
const textOf = (value: unknown): string => value === null || value === undefined ? "" : String(value);

function numberControl(field: Field, shape: RunShape, changed: (value: unknown) => void): HTMLElement {
  const { label, param, value, path } = field;
  const name = path.join(".");
  const text = html("input", {
    type: "text",
    name: `${name} exactly`,
    "aria-label": `${label}, exactly`,
    placeholder: NONE,
    autocomplete: "off",
    spellcheck: "false",
  });
  text.value = textOf(value);
  const slide = slideOf(field, shape);
  const range = html("input", { type: "range", min: 0, max: PLACES, step: 1, name, "aria-label": label });
  const follow = (current: unknown) => {
    const number = slide?.numberOf(current) ?? null;
    range.disabled = number === null;
    if (number !== null) range.value = String(slide!.positions.placeOf(number));
    range.setAttribute("aria-valuetext", textOf(current) || NONE);
  };
  range.addEventListener("input", () => {
    const moved = slide!.valueOf(slide!.positions.valueAt(Number(range.value)));
    text.value = textOf(moved);
    range.setAttribute("aria-valuetext", text.value);
    changed(moved);
  });
  text.addEventListener("input", () => {
    const written = read(text.value, param.kind === "number");
    follow(written ?? param.default);
    changed(written);
  });
  follow(value);
  return html(
    "div",
    { class: "slider", title: param.doc },
    html("span", { class: "slider-head" }, html("span", { class: "slider-name" }, label), text),
    range,
  );
}

/** The typed value: a number, else the text, of which the schedule's check says what is wrong. */
function read(text: string, isNumber: boolean): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  return isNumber && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

function switchControl({ label, param, value, path }: Field, changed: (value: unknown) => void): HTMLElement {
  const input = html("input", { type: "checkbox", name: path.join(".") });
  input.checked = value === true;
  input.addEventListener("change", () => changed(input.checked));
  return html(
    "label",
    { class: "switched", title: param.doc },
    input,
    html("span", { class: "slider-name" }, label),
  );
}

function listControl(
  { label, param, value, path }: Field,
  options: readonly string[],
  changed: (value: unknown) => void,
): HTMLElement {
  const select = html(
    "select",
    { name: path.join(".") },
    ...options.map((option) => html("option", { value: option }, printValue(option))),
  );
  select.value = textOf(value);
  select.addEventListener("change", () => changed(select.value));
  return html(
    "label",
    { class: "choice", title: param.doc },
    html("span", { class: "slider-name" }, label),
    select,
  );
}
