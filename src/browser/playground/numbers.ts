/// <reference lib="dom" />
import { compact, fixed, MISSING } from "#lib/numbers.ts";
import { html } from "../dom.ts";
import type { ArmDetails } from "./arm.ts";
import type { Moved } from "./state.ts";

const COLUMNS: readonly { readonly label: string; of(details: ArmDetails): string }[] = [
  { label: "bound", of: ({ prediction }) => fixed(prediction?.boundRatio, 3) },
  { label: "best peak rate", of: ({ prediction }) => fixed(prediction?.rateRatio, 3) },
  { label: "first", of: ({ first }) => compact(first, 4) },
  { label: "largest", of: ({ largest }) => compact(largest, 4) },
  { label: "smallest", of: ({ smallest }) => compact(smallest, 4) },
  { label: "last", of: ({ last }) => compact(last, 4) },
  { label: "restarts", of: ({ restarts }) => restarts === null ? MISSING : String(restarts) },
];

const NOTE =
  "Bound of the last iterate by convex theory, and the peak rate at which it is smallest, both as multiples " +
  "of linear decay's over the same steps. Only ratios count, and nothing of curvature or overfitting is in them.";

/** The bound and the rates of each schedule in figures. */
export function numbersTable(): {
  readonly element: HTMLElement;
  draw(arms: readonly Moved[], detailsOf: (moved: Moved) => ArmDetails): void;
} {
  const body = html("tbody");
  const caption = "Convex bound and rates";
  const heads = COLUMNS.map(({ label }) => html("th", { scope: "col", class: "right" }, label));
  const head = html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "schedule"), ...heads));
  const table = html("table", {}, html("caption", {}, caption), head, body);
  return {
    element: html(
      "div",
      {},
      html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, table),
      html("p", { class: "note" }, NOTE),
    ),
    draw: (arms, detailsOf) => {
      body.replaceChildren(...arms.map((moved) => {
        const details = detailsOf(moved);
        return html(
          "tr",
          {},
          html("th", { scope: "row" }, moved.name),
          ...COLUMNS.map(({ label, of }) =>
            html("td", { class: "right", "data-column": label }, of(details))
          ),
        );
      }));
    },
  };
}
