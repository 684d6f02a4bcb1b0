/// <reference lib="dom" />
import { compact } from "#lib/numbers.ts";
import type { ExplorerData } from "#theory/explorer.ts";
import { linear, logarithmic, type Positions, whole } from "../controls/positions.ts";
import { type Slider, slider } from "../controls/slider.ts";

interface Dial {
  readonly label: string;
  readonly help: string;
  readonly positions: Positions;
  readonly print: (value: number) => string;
}

const percent = (value: number) => `${value} %`;
const number = (value: number) => compact(value);

const DIALS = {
  rate: {
    label: "rate η",
    help: "the peak learning rate",
    positions: logarithmic(0.001, 2),
    print: number,
  },
  warmup: {
    label: "warmup",
    help: "share of the run in which the rate rises from 0",
    positions: whole(0, 100),
    print: percent,
  },
  decay: {
    label: "decay",
    help: "share of the run, at its end, in which the rate falls to 0",
    positions: whole(0, 100),
    print: percent,
  },
  momentum: {
    label: "momentum μ",
    help: "v ← μv + g, x ← x − ηv",
    positions: linear(0, 0.99, 0.01),
    print: number,
  },
  curvature: {
    label: "curvature h",
    help: "of the steep direction x; along the valley it is h/100",
    positions: logarithmic(0.1, 20),
    print: number,
  },
  noise: {
    label: "noise σ",
    help: "standard deviation of the gradient's noise in x; in y it is in proportion to √h",
    positions: linear(0, 3, 0.05),
    print: number,
  },
} satisfies Record<string, Dial>;

export type DialName = keyof typeof DIALS;
export const DIAL_NAMES = Object.keys(DIALS) as readonly DialName[];
export type Dials = Readonly<Record<DialName, Slider>>;

/** The exercise's own settings, with its first schedule's rate. */
export function initialValues({ problem, schedules }: ExplorerData): Readonly<Record<DialName, number>> {
  const rate = schedules[0]?.schedule["lr"];
  return {
    rate: typeof rate === "number" ? rate : 0.25,
    warmup: 0,
    decay: 0,
    momentum: 0,
    curvature: problem.curvature,
    noise: problem.noise,
  };
}

/** A slider for each. Warmup and decay share the run: what one takes of the other's part, that one gives. */
export function openDials(initial: Readonly<Record<DialName, number>>, changed: () => void): Dials {
  const moved = (name: DialName) => {
    const { warmup, decay } = dials;
    if (warmup.value() + decay.value() > 100) {
      if (name === "warmup") decay.set(100 - warmup.value());
      else warmup.set(100 - decay.value());
    }
    changed();
  };
  const dials = Object.fromEntries(
    DIAL_NAMES.map((name) => [
      name,
      slider({ name, value: initial[name], ...DIALS[name], changed: () => moved(name) }),
    ]),
  ) as Record<DialName, Slider>;
  return dials;
}
