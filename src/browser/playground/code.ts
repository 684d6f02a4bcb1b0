/// <reference lib="dom" />
import { type Framework, FRAMEWORKS } from "#schedules/frameworks/exports.ts";
import { choice } from "../controls/choice.ts";
import { html, setText } from "../dom.ts";
import { codeOf, yamlOf } from "./arm.ts";
import type { Moved } from "./state.ts";

/** The schedules as YAML, and one of them as code for a framework, each with a button that copies it. */
export function codePanels(changed: () => void): {
  readonly element: HTMLElement;
  draw(arms: readonly Moved[], selected: Moved): void;
} {
  const yaml = copied("YAML");
  const code = copied("Code");
  const framework = choice<Framework>({
    name: "framework",
    label: "",
    help: "the framework that the code is for",
    options: FRAMEWORKS.map((value) => ({ value, label: value })),
    value: FRAMEWORKS[0],
    changed,
  });
  framework.select.setAttribute("aria-label", "framework");
  code.head.prepend(framework.element);
  return {
    element: html("div", { class: "codes" }, yaml.element, code.element),
    draw: (arms, { arm, schedule }) => {
      setText(yaml.text, yamlOf(arms));
      setText(code.text, codeOf(arm, schedule, framework.value()));
    },
  };
}

function copied(title: string) {
  const text = html("code");
  const button = html("button", { type: "button", class: "theme small" }, "Copy");
  const head = html("div", { class: "code-head" }, button);
  const pre = html("pre", { class: "command", tabindex: 0, "aria-label": title }, text);
  button.addEventListener("click", async () => {
    const isCopied = await copy(text);
    setText(button, isCopied ? "Copied" : "Press Ctrl+C");
    setTimeout(() => setText(button, "Copy"), 1500);
  });
  const element = html(
    "div",
    { class: "code" },
    html("div", { class: "panel-head" }, html("h3", {}, title), head),
    pre,
  );
  return { element, head, text };
}

/** Puts a text on the clipboard; where the page may not, it is selected, ready to be copied by keys. */
async function copy(element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
    return true;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
    return false;
  }
}
