import type { LossLawResult } from "#results/loss_law.ts";
import { mean } from "#stats/summary.ts";
import type { Line } from "../charts/lines/chart.ts";
import { compact, counted, fixed, MISSING, signed } from "#lib/numbers.ts";
import type { Fact, Figure, Notice, Report } from "../model.ts";
import { left, right, type Table, tableOf } from "../table.ts";

type Curve = LossLawResult["curves"][number];

/** R² of a predicted curve below which the law does not hold for it. */
const HOLDS = 0.9;

/** Peak rates that differ by less than this share count as one. */
const SAME_PEAK = 0.05;

/** The page and the terminal text of `predict`. */
export function composeLossLaw(result: LossLawResult): Report {
  const { curves, fitted, law } = result;
  return {
    eyebrow: `loss law · ${result.source}`,
    title: titleOf(result),
    summary: `The ${law} law, fitted to the training loss of ${fitted.join(", ")}.`,
    notices: noticesOf(result),
    series: curves.map(({ name }) => name),
    overview: [],
    sections: [
      {
        id: "predictions",
        title: "Predictions",
        brief: true,
        blocks: [scoresTable(curves), lossFigure(curves)],
      },
      { id: "law", title: "The law", brief: true, blocks: [{ kind: "facts", facts: factsOf(result) }] },
    ],
  };
}

function titleOf({ curves }: LossLawResult): string {
  const asked = curves.filter(({ recorded }) => recorded === null);
  if (asked.length === 1) {
    const [{ name, predicted, low, high }] = asked as [Curve];
    return `${name}: training loss ${fixed(predicted.at(-1), 3)} nats at the end [${fixed(low.at(-1), 3)}, ${
      fixed(high.at(-1), 3)
    }]`;
  }
  const held = curves.filter(({ fitted, scores }) => !fitted && scores !== null);
  return held.length === 0
    ? `Training loss under ${counted(asked.length, "schedule")}`
    : `${counted(held.length, "recorded curve")} predicted: R² ${
      held.map(({ scores }) => fixed(scores!.r2, 2)).join(", ")
    }`;
}

function noticesOf({ curves, notes, epochs, fitted_peaks }: LossLawResult): Notice[] {
  const poor = curves.filter(({ scores }) => scores !== null && !(scores.r2 >= HOLDS));
  const repeated = epochs > 1
    ? ` The training data were seen ${compact(epochs)} times; loss laws assume new data at every step.`
    : "";
  const foreign = curves.filter(({ peak }) =>
    !fitted_peaks.some((fitted) => Math.abs(peak / fitted - 1) < SAME_PEAK)
  );
  const peaks = fitted_peaks.map((peak) => compact(peak)).join(", ");
  return [
    ...(foreign.length === 0 ? [] : [{
      kind: "warning" as const,
      text: `Loss laws hold for one peak rate. The fitted arms have ${peaks}; ${
        foreign.map(({ name, peak }) => `${name} has ${compact(peak)}`).join(", ")
      }.`,
    }]),
    ...(fitted_peaks.length < 2 || fitted_peaks.at(-1)! / fitted_peaks[0]! - 1 < SAME_PEAK ? [] : [{
      kind: "warning" as const,
      text: `Loss laws hold for one peak rate, and the fitted arms have several: ${peaks}.`,
    }]),
    ...(poor.length === 0 ? [] : [{
      kind: "warning" as const,
      text: `The law does not hold for ${
        poor.map(({ name, scores }) => `${name} (R² ${fixed(scores!.r2, 2)})`).join(", ")
      }.${repeated}`,
    }]),
    ...(poor.length === 0 && epochs > 1 ? [{ kind: "warning" as const, text: repeated.trim() }] : []),
    ...notes.map((text) => ({ kind: "warning" as const, text: `${text}.` })),
  ];
}

function scoresTable(curves: readonly Curve[]): Table {
  const percent = (value: number | null | undefined) => value == null ? MISSING : fixed(100 * value, 0);
  return tableOf(curves, {
    caption: "Training loss at the end, predicted and recorded",
    columns: [
      left("schedule", ({ name }) => name),
      left("", ({ fitted, recorded }) => fitted ? "fitted" : recorded === null ? "not trained" : "predicted"),
      right("predicted (nats)", ({ predicted }) => fixed(predicted.at(-1), 3)),
      right("interval", ({ low, high }) => `[${fixed(low.at(-1), 3)}, ${fixed(high.at(-1), 3)}]`),
      right("recorded", ({ recorded }) => fixed(recorded?.losses.at(-1), 3)),
      right("error (%)", ({ scores }) => scores === null ? MISSING : signed(100 * scores.end_error, 1)),
      right("R² of the curve", ({ scores }) => fixed(scores?.r2, 3)),
      right("in seeds' interval (%)", ({ scores }) => percent(scores?.within_seeds)),
      right("record in interval (%)", ({ scores }) => percent(scores?.within_prediction)),
    ],
    series: (_, index) => index,
    note:
      "In seeds' interval: share of predicted points inside the 95 % interval of the mean over seeds. Record in interval: " +
      "share of recorded points inside the prediction's interval.",
  });
}

function lossFigure(curves: readonly Curve[]): Figure {
  const lines = curves.flatMap(({ name, steps, predicted, low, high, recorded }, series): Line[] => [
    {
      series,
      label: `${name}, predicted`,
      x: steps,
      y: predicted,
      band: { low, high },
      style: "curve",
      chosen: null,
    },
    ...(recorded === null ? [] : [{
      series,
      variant: 1,
      label: `${name}, recorded`,
      x: steps,
      y: recorded.losses,
      band: null,
      style: "crosses" as const,
      chosen: null,
    }]),
  ]);
  const ends = curves.map(({ name, predicted }) => `${name} ends at ${fixed(predicted.at(-1), 3)} nats`);
  return {
    kind: "figure",
    id: "losses",
    title: "Training loss",
    caption:
      "Line: predicted, with its interval. Crosses: recorded, each a mean over the seeds and a fortieth of the run.",
    width: "full",
    alt: `Predicted training loss. ${ends.join("; ")}.`,
    chart: {
      kind: "lines",
      x: { title: "step", scale: "linear", decimals: 0 },
      y: { title: "training loss (nats)", scale: "linear", decimals: 3 },
      above: null,
      lines,
      levels: [],
    },
  };
}

function factsOf({ parameters, curves }: LossLawResult): Fact[] {
  const fitted = curves.filter((curve) => curve.fitted && curve.scores !== null);
  return [
    {
      label: "Parameters",
      value: Object.entries(parameters).map(([key, value]) => `${key} = ${compact(value, 4)}`).join(", "),
    },
    {
      label: "Fit",
      value: `mean error ${fixed(100 * mean(fitted.map(({ scores }) => scores!.mean_error)), 1)} % on ${
        counted(fitted.length, "curve")
      }; Huber loss of ln(loss) with δ = 0.001`,
    },
    {
      label: "Interval",
      value:
        "95 % for a recorded loss, by a block bootstrap of the fit's residuals. It assumes that the law holds for a " +
        "schedule as well as for the fitted ones.",
    },
    {
      label: "Outside the law",
      value:
        "Other batch sizes and optimizers, other numbers of epochs over the same data, rates above those of the fit, " +
        "divergence.",
    },
  ];
}
