/// <reference lib="dom" />
import type { Finding } from "#schedules/finding.ts";
import { counted } from "#lib/numbers.ts";
import { html, setText } from "../dom.ts";
import type { ArmDetails } from "./arm.ts";
import type { Moved } from "./state.ts";

/**
 * The linter's findings for each schedule, with a button that applies a suggestion.
 *
 * @param apply called with the schedule's index and the finding whose suggestion is wanted.
 */
export function findingsList(apply: (arm: number, finding: Finding) => void): {
  readonly element: HTMLElement;
  draw(arms: readonly Moved[], detailsOf: (moved: Moved) => ArmDetails): void;
} {
  const [warnings, notes, count] = [html("ul"), html("ul"), html("summary")];
  return {
    element: html(
      "div",
      { class: "findings" },
      html("h3", {}, "Findings of the linter"),
      warnings,
      html("details", {}, count, notes),
    ),
    draw: (arms, detailsOf) => {
      const found = (wanted: Finding["severity"]) =>
        arms.flatMap((moved, index) =>
          detailsOf(moved).findings.filter(({ severity }) => severity === wanted)
            .map((finding) => item(finding, ownerOf(moved, arms), () => apply(index, finding)))
        );
      const waits = arms.flatMap((moved) => {
        const { dependsOn } = detailsOf(moved);
        if (dependsOn === null) return [];
        const text = `changes with ${dependsOn}; drawn as it is without any evaluation.`;
        return [html("li", {}, ownerOf(moved, arms) + text)];
      });
      const first = [...waits, ...found("warning")];
      setText(count, `${first.length === 0 ? "No warning. " : ""}${counted(found("note").length, "note")}`);
      warnings.replaceChildren(...first);
      notes.replaceChildren(...found("note"));
    },
  };
}

/** The schedule in front of a finding, where there are several. */
const ownerOf = ({ name }: Moved, arms: readonly Moved[]) => arms.length === 1 ? "" : `${name}: `;

function item(finding: Finding, owner: string, apply: () => void): HTMLElement {
  const { severity, code, path, why, change, suggestion, source } = finding;
  const where = path.length === 0 ? "" : ` in ${path.join(".")}`;
  const element = html(
    "li",
    { class: severity, title: source },
    html("strong", {}, `${severity} ${code}`),
    `${where === "" ? "" : where}: ${owner}${why}`,
  );
  if (suggestion === null) return element;
  element.append(html("br"), "suggestion: ", html("code", { class: "spec" }, suggestion));
  if (change !== null && change.kind !== "run") {
    const button = html("button", { type: "button", class: "theme small" }, "Apply");
    button.addEventListener("click", apply);
    element.append(" ", button);
  }
  return element;
}
