/// <reference lib="dom" />
import { type ExplorerData, openExplorer } from "#theory/explorer.ts";
import { html } from "../dom.ts";
import { mount, redrawing } from "../mount.ts";
import { explorerControls } from "./controls.ts";
import { distributionPanel } from "./distribution_panel.ts";
import { explorerFigures } from "./figures.ts";
import { lossPanel } from "./loss_panel.ts";
import { pathPanel } from "./path_panel.ts";
import { ratePanel } from "./rate_panel.ts";

/** Runs of the histogram: each redraw runs them all. */
const RUNS = 250;

// Exercise 0 that moves: one run of SGD over a loss of two directions, the schedule below it, and what is exact beside it.
mount<ExplorerData>("explorer", (root, data) => {
  const explore = openExplorer({ steps: data.steps, seed: data.seed, runs: RUNS });
  const controls = explorerControls(data, () => redraw());
  const panels = [pathPanel(), ratePanel(), lossPanel(), distributionPanel()];
  const figures = explorerFigures(RUNS);
  const draw = () => {
    const settings = controls.settings();
    const view = { settings, found: explore(settings), step: controls.step(), steps: data.steps };
    const runs = view.found.runsAt(view.step);
    for (const panel of panels) panel.draw(view, runs);
    figures.draw(view, runs);
  };
  const redraw = redrawing(draw);
  for (const panel of panels) {
    panel.onStep?.((step) => controls.setStep(step));
  }
  root.append(
    html(
      "div",
      { class: "explorer-grid" },
      ...panels.map(({ element }) => element),
      controls.element,
      figures.element,
    ),
  );
  draw();
});
