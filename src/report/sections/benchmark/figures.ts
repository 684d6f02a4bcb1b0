import type { Standing, Standings } from "#study/benchmark/standings.ts";
import type { HeatmapCell } from "../../charts/heatmap.ts";
import type { RanksChart } from "../../charts/ranks/chart.ts";
import { counted, fixed, interval } from "#lib/numbers.ts";
import type { Figure } from "../../model.ts";

/** Mean ranks with the critical difference. */
export function ranksFigure({ families, ranks, order, settings }: Standings): Figure {
  const { criticalDifference } = ranks;
  const places = new Map(order.map((family, place) => [family, place]));
  const chart: RanksChart = {
    kind: "ranks",
    marks: order.map((family) => ({
      label: families[family]!.name,
      rank: ranks.families[family]!.rank,
      interval: ranks.families[family]!.interval,
    })),
    groups: criticalDifference === null
      ? []
      : ranks.groups.map((group) => group.map((family) => places.get(family)!)),
    criticalDifference,
  };
  const described = chart.marks.map(({ label, rank, interval: bounds }) =>
    `${label} ${fixed(rank, 1)}${bounds === null ? "" : ` ${interval(bounds, 1)}`}`
  );
  return {
    kind: "figure",
    id: "ranks",
    title: `Mean rank over ${counted(settings.length, "setting")}`,
    width: "full",
    caption: [
      ...(criticalDifference === null ? [] : [
        "Bars join families that the settings do not separate (Nemenyi, 95 %); blue: not separated from the best.",
      ]),
      "Intervals: for other seeds in these settings, all together 95 %.",
    ].join(" "),
    alt: `Mean ranks: ${described.join("; ")}.`,
    chart,
    terminal: chart,
  };
}

/** Regret of each family in each setting; failed runs are marked. */
export function regretFigure({ families, order, settings }: Standings): Figure {
  const cells = order.map((family) => families[family]!.settings.map(cellOf));
  const values = cells.flat().map(({ value }) => value!).sort((a, b) => a - b);
  // A collapsed family must not press the others into one shade.
  const most = Math.max(1, Math.ceil(values[Math.floor(0.85 * (values.length - 1))]!));
  const anyFailed = order.some((family) => families[family]!.settings.some(({ failed }) => failed > 0));
  return {
    kind: "figure",
    id: "regret",
    title: "Regret: what each family loses against the best of its setting",
    width: "full",
    caption: `% of what the best gains over guessing${
      values.at(-1)! > most ? `, one shade from ${most} % on` : ""
    }. Outlined: not detectably worse than the best.${anyFailed ? " ×: runs that failed." : ""}`,
    alt: `Regret in per cent by family and setting. ${
      order.map((family) => `${families[family]!.name}: mean ${percent(families[family]!.regret.mean)}`).join(
        "; ",
      )
    }.`,
    chart: {
      kind: "heatmap",
      x: { title: "setting", labels: settings.map(labelOf) },
      y: { title: "", labels: order.map((family) => families[family]!.name) },
      valueTitle: "regret (%)",
      cells,
      most,
      dense: true,
    },
  };
}

/** A share of gains as per cent. */
export const percent = (share: number) => `${shareText(share)} %`;

/** None below ten where it would say too much, one decimal else. */
export function shareText(share: number): string {
  return fixed(100 * share, Math.abs(share) >= 0.0995 ? 0 : 1);
}

const labelOf = ({ workload, length }: Standings["settings"][number]) => `${workload}\n${length}×`;

function cellOf({ regret, failed, isWithin }: Standing): HeatmapCell {
  return {
    value: 100 * regret,
    text: [shareText(regret), ...(failed > 0 ? [`×${failed}`] : [])],
    outlined: isWithin,
  };
}
