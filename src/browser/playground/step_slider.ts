/// <reference lib="dom" />
import { compact } from "#report/format/numbers.ts";
import type { PlaygroundArm } from "#report/sections/playground/part.ts";
import { whole } from "../controls/positions.ts";
import { type Slider, slider } from "../controls/slider.ts";

/** Chooses a step of any of the runs; `set` keeps within them. */
export function stepSlider(arms: readonly PlaygroundArm[], changed: () => void): Slider {
  const first = Math.min(...arms.map(({ run }) => run.origin + run.first));
  const last = Math.max(...arms.map(({ run }) => run.origin + run.first + run.steps)) - 1;
  const step = slider({
    name: "step",
    label: "step",
    help: "the step whose rates stand below the picture",
    positions: whole(first, Math.max(first + 1, last)),
    value: first,
    print: (value) => compact(value, 9),
    changed,
  });
  return { ...step, set: (value) => step.set(Math.max(first, Math.min(last, value))) };
}
