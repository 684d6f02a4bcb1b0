/// <reference lib="dom" />
import { compact } from "#lib/numbers.ts";
import { printSchedule } from "#schedules/print.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type ExplorerData, type ExplorerSettings, rampedSchedule } from "#theory/explorer.ts";
import type { LandscapeName } from "#theory/landscape.ts";
import { type Choice, choice } from "../controls/choice.ts";
import { whole } from "../controls/positions.ts";
import { type Slider, slider } from "../controls/slider.ts";
import { html, setText } from "../dom.ts";
import { DIAL_NAMES, type Dials, initialValues, openDials } from "./dials.ts";

export interface ExplorerControls {
  readonly element: HTMLElement;
  settings(): ExplorerSettings;
  step(): number;
  setStep(step: number): void;
}

/** The schedule that the sliders shape; the others are the exercise's own. */
const OWN = "warmup, constant, decay";
const LANDSCAPE: LandscapeName = "valley";
const MEANING =
  "SGD on ½hx² + ½h′y² with noise in its gradient; h′ is h in the bowl and h/100 in the valley.";

/** The sliders and lists, at the exercise's own settings to begin with. */
export function explorerControls(data: ExplorerData, changed: () => void): ExplorerControls {
  const { problem, steps } = data;
  const initial = initialValues(data);
  const spec = html("code", { class: "spec" });
  const show = () => {
    const isOwn = schedule.value() === OWN;
    dials.warmup.disable(!isOwn);
    dials.decay.disable(!isOwn);
    setText(spec, printSchedule(scheduleOf(data, schedule.value(), dials)));
    changed();
  };
  const dials = openDials(initial, show);
  const step = stepSlider(steps, changed);
  const landscape = landscapeChoice(changed);
  const schedule = scheduleChoice(data, (lr) => {
    if (lr !== null) dials.rate.set(lr);
    show();
  });
  const reset = () => {
    for (const name of DIAL_NAMES) dials[name].set(initial[name]);
    step.set(steps);
    landscape.select.value = LANDSCAPE;
    schedule.select.value = OWN;
    show();
  };
  setText(spec, printSchedule(scheduleOf(data, OWN, dials)));
  return {
    element: arranged([landscape, schedule], [...DIAL_NAMES.map((name) => dials[name]), step], spec, reset),
    settings: () => ({
      landscape: landscape.value(),
      problem: { curvature: dials.curvature.value(), noise: dials.noise.value(), start: problem.start },
      momentum: dials.momentum.value(),
      schedule: scheduleOf(data, schedule.value(), dials),
    }),
    step: () => step.value(),
    setStep: (value) => {
      step.set(Math.max(1, Math.min(steps, value)));
      changed();
    },
  };
}

function stepSlider(steps: number, changed: () => void): Slider {
  return slider({
    name: "step",
    label: "steps done",
    help: "the step at which the distribution and the figures are looked at",
    positions: whole(1, steps),
    value: steps,
    print: (value) => compact(value, 6),
    changed,
  });
}

function scheduleOf({ schedules }: ExplorerData, chosen: string, dials: Dials): ScheduleSpec {
  const rate = dials.rate.value();
  const own = schedules.find(({ name }) => name === chosen);
  if (own !== undefined) return { ...own.schedule, lr: rate };
  return rampedSchedule({ rate, warmup: dials.warmup.value() / 100, decay: dials.decay.value() / 100 });
}

function landscapeChoice(changed: () => void): Choice<LandscapeName> {
  return choice<LandscapeName>({
    name: "landscape",
    label: "loss",
    help: "a round bowl, or a valley that is a hundred times flatter along its floor than across it",
    options: [{ value: "valley", label: "narrow valley" }, { value: "bowl", label: "round bowl" }],
    value: LANDSCAPE,
    changed,
  });
}

/** @param chosen called with the rate of a schedule of the exercise; `null` for the one that the sliders shape. */
function scheduleChoice({ schedules }: ExplorerData, chosen: (lr: number | null) => void): Choice<string> {
  return choice<string>({
    name: "schedule",
    label: "schedule",
    help: "shaped by the sliders, or one of the exercise's own",
    options: [OWN, ...schedules.map(({ name }) => name)].map((value) => ({ value, label: value })),
    value: OWN,
    changed: (value) => {
      const lr = schedules.find(({ name }) => name === value)?.schedule["lr"];
      chosen(typeof lr === "number" ? lr : null);
    },
  });
}

function arranged(
  lists: readonly { readonly element: HTMLElement }[],
  sliders: readonly { readonly element: HTMLElement }[],
  spec: HTMLElement,
  reset: () => void,
): HTMLElement {
  const button = html("button", { type: "button", class: "theme" }, "Reset");
  button.addEventListener("click", reset);
  return html(
    "div",
    { class: "controls", role: "group", "aria-label": "Settings" },
    html("div", { class: "sliders" }, ...sliders.map(({ element }) => element)),
    html("div", { class: "choices" }, ...lists.map(({ element }) => element), button),
    html("p", { class: "note" }, MEANING, " Schedule as a spec: ", spec),
  );
}
