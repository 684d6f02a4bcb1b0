/// <reference lib="dom" />
import type { Place } from "#schedules/finding.ts";
import { html, setText } from "../dom.ts";
import { fieldControl } from "./field_control.ts";
import { fieldGroups } from "./fields.ts";
import type { Moved } from "./state.ts";

/** The controls of the selected schedule, and what is wrong with it. */
export function parameters(changed: (path: Place, value: unknown) => void): {
  readonly element: HTMLElement;
  /** Makes the controls anew: for another schedule, or one that changed by other means than they. */
  open(moved: Moved): void;
  /** Shows the problems of what they write. */
  draw(moved: Moved): void;
} {
  const groups = html("div", {});
  const problems = html("p", { class: "problems", role: "alert" });
  const draw = ({ problems: found }: Moved) => {
    setText(problems, found.join("; "));
    problems.hidden = found.length === 0;
  };
  return {
    element: html("div", { class: "controls" }, problems, groups),
    open: (moved) => {
      const { shape } = moved.arm.run;
      const all = fieldGroups(moved.schedule);
      groups.replaceChildren(...all.map(({ title, fields }) =>
        html(
          "fieldset",
          { class: "fields" },
          html("legend", {}, title),
          html(
            "div",
            { class: "sliders" },
            ...fields.map((field) => fieldControl(field, shape, (value) => changed(field.path, value))),
          ),
        )
      ));
      draw(moved);
    },
    draw,
  };
}
