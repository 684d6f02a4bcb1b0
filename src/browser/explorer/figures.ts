/// <reference lib="dom" />
import { compact } from "#lib/numbers.ts";
import { peakOf } from "#theory/convex_bound.ts";
import { lossFloor, stabilityLimit } from "#theory/landscape.ts";
import { html, setText } from "../dom.ts";
import type { Panel, View } from "./view.ts";

/** A figure beside the pictures. `data-value` has it in full. */
interface Readout {
  readonly name: string;
  readonly label: string;
  of(view: View, runs: Float64Array): readonly [value: number | null, text: string];
}

const text = (value: number) => compact(value, 4);

const READOUTS: readonly Readout[] = [
  {
    name: "loss",
    label: "Loss, exact (one run)",
    of: ({ found: { exact, sampled }, step }) => [
      exact.loss[step]!,
      `${text(exact.loss[step]!)} (${text(sampled.loss[step]!)})`,
    ],
  },
  {
    name: "error",
    label: "E[x²], exact (sampled)",
    of: ({ found: { exact: { across } }, step }, runs) => {
      const exact = across.mean[step]! ** 2 + across.variance[step]!;
      const sampled = runs.reduce((sum, x) => sum + x ** 2, 0) / runs.length;
      return [exact, `${text(exact)} (${text(sampled)})`];
    },
  },
  {
    name: "floor",
    label: "Loss at which this peak rate settles",
    of: ({ settings: { momentum }, found: { landscape, rates } }) => {
      const floor = lossFloor(landscape, peakOf(rates), momentum);
      return [floor, floor === null ? "none: it diverges" : text(floor)];
    },
  },
  {
    name: "sharpness",
    label: "Peak rate × curvature, and its limit 2(1 + μ)",
    of: ({ settings: { problem, momentum }, found: { rates } }) => {
      const sharpness = peakOf(rates) * problem.curvature;
      const limit = stabilityLimit(momentum);
      return [
        sharpness,
        `${text(sharpness)} of ${text(limit)}${sharpness < limit ? "" : ": SGD diverges"}`,
      ];
    },
  },
];

/** The figures of the step looked at, in words. */
export function explorerFigures(runs: number): Pick<Panel, "element" | "draw"> {
  const values = READOUTS.map(({ name }) => html("dd", { "data-name": name }));
  const element = html(
    "dl",
    { class: "facts explorer-figures", title: `Sampled: the mean of ${runs} runs` },
    ...READOUTS.map(({ label }, index) => html("div", {}, html("dt", {}, label), values[index]!)),
  );
  return {
    element,
    draw: (view, sample) => {
      READOUTS.forEach(({ of }, index) => {
        const [value, words] = of(view, sample);
        values[index]!.dataset["value"] = String(value);
        setText(values[index]!, words);
      });
    },
  };
}
