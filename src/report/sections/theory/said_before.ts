import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import type { RankCorrelation } from "#stats/spearman.ts";
import { type ForetoldArm, type SaidBefore, saidBefore } from "#study/experiment/said_before.ts";
import { compact, fixed, MISSING } from "#lib/numbers.ts";
import { metricStyle } from "../../format/metrics.ts";
import type { Fact, Section } from "../../model.ts";
import { seriesOf } from "../../model.ts";
import { left, right, tableOf } from "../../table.ts";

/** "What theory said before": the convex bound's order of the arms against that of the evidence; none where all arms are alike. */
export function saidBeforeSection(summary: Summary, records: readonly RunRecord[]): Section[] {
  const found = saidBefore(summary, records);
  if (found === null) return [];
  const section = { id: "said-before", title: "What theory said before", brief: true };
  if (typeof found === "string") {
    return [{ ...section, brief: false, blocks: [{ kind: "text", text: found }] }];
  }
  const names = summary.arms.map(({ name }) => name);
  return [{
    ...section,
    blocks: [
      { kind: "text", text: MEANING },
      tableOf(found.arms.toSorted((a, b) => a.rank - b.rank), {
        caption: "Rank by bound against rank by result, the best first",
        columns: [
          left("arm", ({ arm }) => arm),
          right("bound at best rate", ({ prediction }) => fixed(prediction.boundRatio, 2)),
          right("rate / best", ({ rateOverBest }) => fixed(rateOverBest, 2)),
          right("bound", ({ boundRatio }) => fixed(boundRatio, 2)),
          right("rank", ({ rank }) => compact(rank)),
          ...found.metrics.flatMap((metric, index) => [
            right<ForetoldArm>(
              metricStyle(metric).name,
              ({ results }) => resultText(results[index]!.mean, metric),
            ),
            right<ForetoldArm>("rank", ({ results }) => rankText(results[index]!.rank)),
          ]),
        ],
        series: ({ arm }) => seriesOf(names, arm),
        note: noteOf(found),
      }),
      { kind: "facts", facts: factsOf(found) },
    ],
  }];
}

const MEANING =
  "The bound of the last iterate for convex losses and plain SGD (docs/theory.md), over that of linear decay, from the rates " +
  "that the runs used; nothing else of the runs goes into it. It knows no momentum, no curvature and no test data, and was " +
  "not made for networks: a low correlation is a finding about the theory, not about the runs.";

const resultText = (value: number | null, metric: string) => {
  const { scale, decimals } = metricStyle(metric);
  return value === null ? MISSING : fixed(value * scale, decimals);
};
const rankText = (rank: number | null) => rank === null ? MISSING : compact(rank);

function noteOf({ arms, others, tuned }: SaidBefore): string {
  const failed = arms.filter((arm) => arm.failed > 0);
  return [
    "Means over the runs that did not fail.",
    ...(failed.length === 0
      ? []
      : [`Failed: ${failed.map(({ arm, failed, runs }) => `${arm} ${failed} of ${runs}`).join(", ")}.`]),
    "Rate / best: the arm's peak rate over the best one of its shape, where the unit of rates is the median over " +
    `${tuned.join(", ")}${
      tuned.length === arms.length ? "" : ", which were tuned"
    }. No other result goes into it.`,
    ...(others.length === 0 ? [] : [`Left out, since more than the schedule differs: ${others.join(", ")}.`]),
  ].join(" ");
}

function factsOf({ metrics, correlations, atBestRates, wrong, decided }: SaidBefore): Fact[] {
  return [
    ...correlations.map((correlation, index) => ({
      label: `Spearman's correlation with ${metricStyle(metrics[index]!).name}`,
      value: correlationText(correlation),
    })),
    ...(metrics.length === 0 ? [] : [{
      label: `The same, each shape at its best rate, with ${metricStyle(metrics[0]!).name}`,
      value: correlationText(atBestRates),
    }]),
    {
      label: "Arms it got wrong",
      value: decided === 0
        ? `no comparison of ${metricStyle(metrics[0]!).name} is decided between arms that the bound orders`
        : `${wrong.length} of ${decided} decided comparisons of ${metricStyle(metrics[0]!).name}` +
          (wrong.length === 0
            ? ""
            : `: ${wrong.map(({ arm, against }) => `${arm} against ${against}`).join("; ")}`),
    },
  ];
}

function correlationText(correlation: RankCorrelation | null): string {
  if (correlation === null) return "none: it needs three arms whose ranks differ";
  const { rho, interval, p, n } = correlation;
  const range = interval === null
    ? "no interval: too few arms, or a perfect order"
    : `95 % ${`[${fixed(interval[0], 2)}, ${fixed(interval[1], 2)}]`}`;
  return `${fixed(rho, 2)} over ${n} arms (${range}; chance alone gives as much with p = ${compact(p, 2)})`;
}
