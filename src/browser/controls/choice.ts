/// <reference lib="dom" />
import { html } from "../dom.ts";

export interface Choice<T extends string> {
  readonly element: HTMLElement;
  readonly select: HTMLSelectElement;
  value(): T;
}

/** A labelled list of which one is chosen. */
export function choice<T extends string>(
  { name, label, help, options, value, changed }: {
    readonly name: string;
    readonly label: string;
    readonly help: string;
    readonly options: readonly { readonly value: T; readonly label: string }[];
    readonly value: T;
    changed(value: T): void;
  },
): Choice<T> {
  const select = html(
    "select",
    { name },
    ...options.map((one) => html("option", { value: one.value }, one.label)),
  );
  select.value = value;
  select.addEventListener("change", () => changed(select.value as T));
  const element = html(
    "label",
    { class: "choice", title: help },
    html("span", { class: "slider-name" }, label),
    select,
  );
  return { element, select, value: () => select.value as T };
}
