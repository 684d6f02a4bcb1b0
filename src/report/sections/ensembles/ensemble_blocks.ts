import type { EnsembleSummary } from "#results/models.ts";
import type { Summary } from "#results/summary.ts";
import { alignBySteps } from "#stats/curves.ts";
import { pairedDifference } from "#stats/paired.ts";
import { mean } from "#stats/summary.ts";
import { bandLine } from "../curves/arm_lines.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Block, Figure } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { fixed, interval, MISSING, signed } from "#lib/numbers.ts";

/** The ensembles of one kind of an arm, one for each seed. */
interface ArmEnsembles {
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

/** Accuracy of ensembles against single models; nothing where no arm has several models. */
export function ensembleBlocks({ arms, dataset }: Summary): Block[] {
  const ensembles = arms.flatMap(({ name, ensembles = [] }, series): ArmEnsembles[] =>
    [...Map.groupBy(ensembles, ({ kind }) => kind)].map(([kind, seeds]) => ({
      arm: name,
      series,
      kind,
      seeds,
    }))
  );
  return ensembles.length === 0 ? [] : [gainFigure(ensembles), ensemblesTable(ensembles, 1 / dataset.test)];
}

function gainFigure(ensembles: readonly ArmEnsembles[]): Figure {
  const lines = ensembles.map(({ arm, series, kind, seeds }): Line => {
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
  const described = lines.map(({ label, x, y }) =>
    `${label}: ${y[0]!.toFixed(1)} % for one model, ${y.at(-1)!.toFixed(1)} % for ${x.at(-1)}`
  );
  return {
    kind: "figure",
    id: "ensemble-gain",
    title: "Ensemble accuracy by number of models",
    width: "full",
    caption:
      "Mean probabilities, averaged over subsets. Line: mean over seeds; band: lowest to highest. Flat: the same errors.",
    alt: `Test accuracy by number of models. ${described.join("; ")}.`,
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

function ensemblesTable(ensembles: readonly ArmEnsembles[], resolution: number): Table {
  const rows = ensembles.map((one) => ({
    ...one,
    gain: pairedDifference(
      new Map(one.seeds.map(({ seed, test_accuracy }) => [seed, test_accuracy])),
      new Map(one.seeds.map(({ seed, chosen }) => [seed, chosen.test_accuracy])),
      { resolution, largest: 1, family: ensembles.length },
    ),
  }));
  const percent = (label: string, of: (one: EnsembleSummary) => number | null) =>
    right(label, ({ seeds }: ArmEnsembles) => {
      const values = seeds.flatMap((one) => of(one) ?? []);
      return values.length === 0 ? MISSING : fixed(100 * mean(values), 1);
    });
  return tableOf(rows, {
    caption: "Ensembles: test accuracy in %, mean over seeds",
    columns: [
      left("arm", ({ arm }) => arm),
      left(
        "models",
        ({ kind, seeds }) =>
          `${[...new Set(seeds.map(({ members }) => members))].join(" or ")} ${KINDS[kind]}`,
      ),
      right("steps in total", ({ seeds }) => fixed(mean(seeds.map(({ steps }) => steps)), 0)),
      percent("mean single model", ({ single }) => single.test_accuracy),
      percent("best single model", ({ chosen }) => chosen.test_accuracy),
      percent("ensemble", ({ test_accuracy }) => test_accuracy),
      right(
        "gain (points)",
        ({ gain: { difference } }) => signed(difference === null ? null : 100 * difference, 1),
      ),
      right("95 % interval", ({ gain }) => interval(gain.interval, 1, 100)),
      percent("mean of logits", ({ mean_logits }) => mean_logits.test_accuracy),
      percent("weighted mean", ({ weighted }) => weighted.test_accuracy),
      percent("disagreement (%)", ({ disagreement }) => disagreement),
    ],
    keys: 2,
    series: ({ series }) => series,
    note:
      "Best single model: by validation accuracy. Weighted mean: by likelihood on validation data. Gain: ensemble minus best " +
      "single model, paired over seeds" +
      (ensembles.length > 1 ? `, its interval widened for ${ensembles.length} comparisons` : "") +
      ". Disagreement: share of test images that two models class differently.",
  });
}
