import type { EnsembleSummary } from "#results/models.ts";
import type { Summary } from "#results/summary.ts";
import { alignBySteps } from "#stats/curves.ts";
import { pairedDifference } from "#stats/paired.ts";
import { mean } from "#stats/summary.ts";
import { bandLine } from "../curves/curve_figures.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Block, Figure } from "../../model.ts";
import type { Table } from "../../table.ts";
import { fixed, interval, MISSING, signed } from "../../format/numbers.ts";

/** The ensembles of one kind of an arm, one for each seed. */
interface Joined {
  readonly arm: string;
  readonly series: number;
  readonly kind: EnsembleSummary["kind"];
  readonly seeds: readonly EnsembleSummary[];
}

const KINDS: Record<EnsembleSummary["kind"], string> = {
  members: "independent models",
  snapshots: "snapshots",
  cycles: "averages of cycles",
};

/** What models are worth together; nothing where no arm has several. */
export function ensembleBlocks({ arms, dataset }: Summary): Block[] {
  const joined = arms.flatMap(({ name, ensembles = [] }, series): Joined[] =>
    [...Map.groupBy(ensembles, ({ kind }) => kind)].map(([kind, seeds]) => ({
      arm: name,
      series,
      kind,
      seeds,
    }))
  );
  return joined.length === 0 ? [] : [gainFigure(joined), ensemblesTable(joined, 1 / dataset.test)];
}

function gainFigure(joined: readonly Joined[]): Figure {
  const lines = joined.map(({ arm, series, kind, seeds }): Line => {
    const curves = seeds.map(({ test_accuracy_by_members: values }) => ({
      steps: values.map((_, index) => index + 1),
      values: values.map((value) => 100 * value),
    }));
    return {
      ...bandLine(`${arm}, ${KINDS[kind]}`, series, alignBySteps(curves), "points"),
      variant: kind === "cycles" ? 1 : 0,
    };
  });
  const most = Math.max(...lines.map(({ x }) => x.at(-1)!));
  const told = lines.map(({ label, x, y }) =>
    `${label}: ${y[0]!.toFixed(1)} % alone, ${y.at(-1)!.toFixed(1)} % of ${x.at(-1)} together`
  );
  return {
    kind: "figure",
    id: "ensemble-gain",
    title: "Accuracy of an ensemble by the number of its models",
    width: "full",
    caption:
      "Test accuracy of the mean of the models' probabilities, averaged over the choices of so many of them. Line: " +
      "mean over seeds; band: from the lowest to the highest seed. A curve that stays flat says that the models make " +
      "the same errors.",
    alt: `Test accuracy by number of models. ${told.join("; ")}.`,
    chart: {
      kind: "lines",
      x: {
        title: "models in the ensemble",
        scale: "linear",
        decimals: 0,
        ...(most <= 12 && { ticks: Array.from({ length: most }, (_, index) => index + 1) }),
      },
      y: { title: "test accuracy (%)", scale: "linear", decimals: 1 },
      above: null,
      lines,
      levels: [],
    },
  };
}

function ensemblesTable(joined: readonly Joined[], resolution: number): Table {
  const right = (label: string) => ({ label, align: "right" as const });
  return {
    kind: "table",
    caption: "Ensembles: test accuracy in %, mean over seeds",
    columns: [
      { label: "arm", align: "left" },
      { label: "models", align: "left" },
      right("steps in all"),
      right("one, mean"),
      right("one, best"),
      right("together"),
      right("gain (points)"),
      right("95 % interval"),
      right("by mean logits"),
      right("weighted"),
      right("they differ on (%)"),
    ],
    keys: 2,
    rows: joined.map(({ arm, series, kind, seeds }) => {
      const percent = (of: (one: EnsembleSummary) => number | null) => {
        const values = seeds.flatMap((one) => of(one) ?? []);
        return values.length === 0 ? MISSING : fixed(100 * mean(values), 1);
      };
      const gain = pairedDifference(
        new Map(seeds.map((one) => [one.seed, one.test_accuracy])),
        new Map(seeds.map((one) => [one.seed, one.chosen.test_accuracy])),
        { resolution, largest: 1, family: joined.length },
      );
      return {
        series,
        cells: [
          arm,
          `${[...new Set(seeds.map(({ members }) => members))].join(" or ")} ${KINDS[kind]}`,
          fixed(mean(seeds.map(({ steps }) => steps)), 0),
          percent(({ single }) => single.test_accuracy),
          percent(({ chosen }) => chosen.test_accuracy),
          percent(({ test_accuracy }) => test_accuracy),
          signed(gain.difference === null ? null : 100 * gain.difference, 1),
          interval(gain.interval, 1, 100),
          percent(({ mean_logits }) => mean_logits.test_accuracy),
          percent(({ weighted }) => weighted.test_accuracy),
          percent(({ disagreement }) => disagreement),
        ],
      };
    }),
    note:
      "One, best: the model that is best on validation data. Together: by the mean of probabilities; weighted: by " +
      "each model's likelihood on validation data. Gain: together minus the best one, paired over seeds" +
      (joined.length > 1 ? `, the interval widened for ${joined.length} rows` : "") +
      ". They differ on: test images on which two of the models name different classes.",
  };
}
