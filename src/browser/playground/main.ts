/// <reference lib="dom" />
import type { PlaygroundData } from "#report/sections/playground/part.ts";
import { html } from "../dom.ts";
import { mount, redrawing } from "../mount.ts";
import { armButtons } from "./arm_buttons.ts";
import { curves } from "./curves.ts";
import { parameters } from "./parameters.ts";
import { results } from "./results.ts";
import { selectionOf } from "./selection.ts";
import { withSuggestion, withValue } from "./state.ts";
import { viewControls } from "./view_controls.ts";

// The playground of schedules: parameters that move, and the rate, the bound, the findings and the code after them.
mount<PlaygroundData>("playground", (root, { arms }) => {
  const selection = selectionOf(arms, (change) => {
    if (change === "anew") fields.open(selection.selected());
    redraw();
    outcome.followSoon();
  });
  const view = viewControls(arms, () => redraw());
  const pictures = curves(arms[0]!.run.shape.stepsPerEpoch, view.setStep);
  const buttons = armButtons(arms.length, selection.select, selection.reset);
  const fields = parameters((path, value) =>
    selection.replace(selection.index(), withValue(selection.selected(), path, value))
  );
  const outcome = results(selection, (index, finding) => {
    const moved = withSuggestion(selection.arms()[index]!, finding);
    if (moved === null) return;
    selection.replace(index, moved);
    selection.select(index);
  });
  const redraw = redrawing(() => {
    pictures.draw({ arms: selection.arms(), given: selection.given, view });
    buttons.draw(selection.arms(), selection.index());
    fields.draw(selection.selected());
  });
  root.append(
    pictures.element,
    html("div", { class: "choices" }, ...view.elements, buttons.element),
    fields.element,
    outcome.element,
  );
  outcome.follow();
  selection.select(0);
});
