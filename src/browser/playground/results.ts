/// <reference lib="dom" />
import type { Finding } from "#schedules/finding.ts";
import { html, setAttributes } from "../dom.ts";
import { codePanels } from "./code.ts";
import { findingsList } from "./findings.ts";
import { numbersTable } from "./numbers.ts";
import type { Selection } from "./selection.ts";
import { detailsMemory, type Moved } from "./state.ts";

/** Milliseconds after a change at which the results follow: the curve comes first. */
const AFTER = 40;
/** The same as a multiple of the time that they took last, so that most of it is left to the curve. */
const SHARE = 4;

/** The results of the schedules: bound and rates in figures, findings, YAML and code. */
export function results(
  { arms: current, selected }: Pick<Selection, "arms" | "selected">,
  apply: (arm: number, finding: Finding) => void,
): { readonly element: HTMLElement; follow(): void; followSoon(): void } {
  const details = detailsMemory();
  const numbers = numbersTable();
  const findings = findingsList(apply);
  const code = codePanels(() => follow());
  let tookMs = 0;
  const follow = () => {
    const start = performance.now();
    const arms = current();
    numbers.draw(arms, details);
    findings.draw(arms, details);
    code.draw(arms, selected());
    namesOf(arms);
    tookMs = performance.now() - start;
  };
  let isWaiting = false;
  const followSoon = () => {
    if (isWaiting) return;
    isWaiting = true;
    setAttributes(element, { "aria-busy": "true" });
    setTimeout(() => {
      isWaiting = false;
      follow();
      setAttributes(element, { "aria-busy": false });
    }, Math.max(AFTER, SHARE * tookMs));
  };
  const element = html(
    "div",
    {},
    numbers.element,
    html("div", { class: "playground-results" }, findings.element, code.element),
  );
  return { element, follow, followSoon };
}

/** Names in the legend of the page follow the schedules that they describe. */
function namesOf(arms: readonly Moved[]): void {
  arms.forEach(({ name }, index) => {
    const label = document.querySelector<HTMLElement>(`.switch[data-of="${index}"] .name`);
    if (label === null || label.textContent === name) return;
    label.textContent = name;
    label.title = name;
  });
}
