/// <reference lib="dom" />
import { compact } from "#lib/numbers.ts";
import { seriesStyle } from "#report/charts/palette.ts";
import { html } from "../dom.ts";
import { decades, extent, roundUp } from "../ends.ts";
import type { Curve } from "../plot/drawing.ts";
import { type Plot, plot } from "../plot/plot.ts";
import { type ArmCurve, rateAt } from "./arm.ts";
import type { Moved } from "./state.ts";
import type { ViewControls } from "./view_controls.ts";

/** The quantities that the pictures show. */
export interface CurvesView {
  readonly arms: readonly Moved[];
  /** The curves as they were given. */
  readonly given: readonly ArmCurve[];
  readonly view: Pick<ViewControls, "isShown" | "isLog" | "step">;
}

export interface Curves {
  readonly element: HTMLElement;
  draw(view: CurvesView): void;
}

/** The rate, and where any schedule moves it the momentum, over steps and epochs. */
export function curves(stepsPerEpoch: number, onStep: (step: number) => void): Curves {
  const x = { title: "step", scale: "linear", decimals: 0 } as const;
  const above = { title: "epoch", every: stepsPerEpoch };
  const rate = plot({
    x,
    y: { title: "learning rate", scale: "linear", decimals: "significant" },
    alt: "Learning rate over the steps",
    above,
  });
  const momentum = plot({
    x,
    y: { title: "momentum", scale: "linear", decimals: "significant" },
    alt: "Momentum over the steps",
  });
  const readout = html("p", { class: "readout", tabindex: 0 });
  const momentumPanel = panel("momentum", "Momentum", momentum);
  for (const one of [rate, momentum]) one.onPoint((step) => onStep(Math.round(step)));
  return {
    element: html("div", {}, panel("rates", "Learning rate", rate), readout, momentumPanel),
    draw: (drawn) => {
      drawOne(rate, drawn, ({ lr }) => lr, drawn.view.isLog());
      const hasMomentum = drawn.arms.some(({ curve }) => curve.momentum !== null);
      momentumPanel.hidden = !hasMomentum;
      if (hasMomentum) drawOne(momentum, drawn, ({ momentum }) => momentum, false);
      readout.replaceChildren(...readoutOf(drawn, stepsPerEpoch));
    },
  };
}

function panel(name: string, title: string, { element }: Plot): HTMLElement {
  return html(
    "div",
    { class: `panel ${name}` },
    html("div", { class: "panel-head" }, html("h3", {}, title)),
    element,
  );
}

function drawOne(
  picture: Plot,
  { arms, given, view }: CurvesView,
  of: (curve: ArmCurve) => Float64Array | null,
  isLog: boolean,
): void {
  const drawn: Curve[] = arms.flatMap(({ curve, schedule, arm }, index) => {
    const values = of(curve);
    if (values === null || !view.isShown(index)) return [];
    const before = of(given[index]!);
    const { color, dashArray } = seriesStyle(index);
    const look = color.slice(1);
    const faint: Curve[] = schedule === arm.schedule || before === null
      ? []
      : [{ look: `given ${look}`, x: given[index]!.steps, y: before }];
    return [...faint, { look, dash: dashArray, x: curve.steps, y: values }];
  });
  const all = drawn.flatMap(({ y }) => extent(Array.from(y), isLog ? (value) => value > 0 : undefined))
    .filter((end) => end !== null);
  const last = Math.max(...arms.map(({ curve: { steps } }) => steps[steps.length - 1]! + 1));
  const first = Math.min(...arms.map(({ curve: { steps } }) => steps[0]!));
  picture.draw({
    x: [first, last],
    y: isLog ? decades(all) : [0, roundUp(Math.max(0, ...all))],
    scale: isLog ? "log" : "linear",
    curves: drawn,
    cursor: view.step(),
  });
}

/** The rates of the step that is pointed at. */
function readoutOf({ arms, view }: CurvesView, stepsPerEpoch: number): (Node | string)[] {
  const step = view.step();
  const rates = arms.flatMap(({ arm, schedule, name }, index) => {
    const rate = view.isShown(index) ? rateAt(arm, schedule, step) : null;
    if (rate === null) return [];
    const value = html("strong", { "data-arm": index, "data-value": rate }, compact(rate, 4));
    return [html("span", { class: "reading" }, arms.length === 1 ? "" : `${name} `, value)];
  });
  return [`Step ${compact(step, 9)}, epoch ${compact(step / stepsPerEpoch, 4)}: `, ...rates];
}
