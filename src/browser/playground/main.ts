/// <reference lib="dom" />
import type { PlaygroundData } from "#report/sections/playground/part.ts";
import { html } from "../dom.ts";
import { mount, redrawing } from "../mount.ts";
import { armButtons } from "./arm_buttons.ts";
import { curves } from "./curves.ts";
import { parameters } from "./parameters.ts";
import { results } from "./results.ts";
import { asGiven, type Moved, withSuggestion, withValue } from "./state.ts";
import { stepSlider } from "./step_slider.ts";

// The playground of schedules: parameters that move, and the rate, the bound, the findings and the code after them.
mount<PlaygroundData>("playground", (root, { arms: given }) => {
  const start = given.map(asGiven);
  let [arms, selected]: [readonly Moved[], number] = [start, 0];

  const changed = () => {
    redraw();
    outcome.followSoon();
  };
  const replace = (index: number, moved: Moved) => {
    arms = arms.map((one, at) => at === index ? moved : one);
    changed();
  };
  /** Shows the controls of a schedule anew. */
  const open = (index: number) => {
    selected = index;
    buttons.draw(arms, selected);
    fields.open(arms[selected]!);
    changed();
  };

  const step = stepSlider(given, () => redraw());
  const pictures = curves(given[0]!.run.shape.stepsPerEpoch, (at) => {
    step.set(at);
    redraw();
  });
  const isLog = html("input", { type: "checkbox", name: "log" });
  const fields = parameters((path, value) => replace(selected, withValue(arms[selected]!, path, value)));
  const buttons = armButtons(given.length, open, () => {
    arms = start;
    open(selected);
  });
  const outcome = results(() => ({ arms, selected }), (index, finding) => {
    const moved = withSuggestion(arms[index]!, finding);
    if (moved === null) return;
    replace(index, moved);
    open(index);
  });
  const switches = [...document.querySelectorAll<HTMLInputElement>("input[data-series]")];
  const redraw = redrawing(() => {
    pictures.draw({
      arms,
      isShown: (index) => switches[index]?.checked ?? true,
      given: start.map(({ curve }) => curve),
      isLog: isLog.checked,
      step: step.value(),
    });
    buttons.draw(arms, selected);
    fields.draw(arms[selected]!);
  });
  for (const input of [isLog, ...switches]) input.addEventListener("change", redraw);

  const scale = html(
    "label",
    { class: "switched" },
    isLog,
    html("span", { class: "slider-name" }, "logarithmic rate"),
  );
  root.append(
    pictures.element,
    html("div", { class: "choices" }, step.element, scale, buttons.element),
    fields.element,
    outcome.element,
  );
  outcome.follow();
  open(0);
});
