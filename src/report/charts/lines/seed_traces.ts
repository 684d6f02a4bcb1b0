import type { Axis } from "../axis.ts";
import { seriesStyle } from "../palette.ts";
import { type Attributes, hoverFormat } from "../plotly_layout.ts";
import type { Line, SeedCurve } from "./chart.ts";

/**
 * A thin line for each run of a line. Those of finished runs are hidden until the page is asked for them; those of
 * failed ones are always there, dotted, with a cross at the end.
 */
export function seedTraces(line: Line, y: Axis, index: number): Attributes[] {
  return (line.runs ?? []).map((run) => ({
    ...runTrace(line, run, y),
    meta: { series: line.series, seed: run.seed, part: run.failed ? "failed" : "seed", line: index },
  }));
}

function runTrace({ series }: Line, { seed, x, y, failed }: SeedCurve, axis: Axis): Attributes {
  const { color } = seriesStyle(series);
  const last = x.length - 1;
  return {
    type: "scatter",
    name: `seed ${seed}${failed ? ", failed" : ""}`,
    x: [...x],
    y: [...y],
    visible: failed,
    mode: failed ? "lines+markers" : "lines",
    line: {
      color: `${color}/${failed ? 0.9 : 0.5}`,
      width: 1,
      dash: failed ? "dot" : "solid",
      simplify: false,
    },
    ...(failed && {
      marker: {
        color,
        symbol: "x",
        size: x.map((_, at) => at === last ? 9 : 0),
        line: { color: "@paper", width: 1 },
      },
      cliponaxis: false,
    }),
    hovertemplate: `seed ${seed}${failed ? ", failed" : ""}: %{y:${hoverFormat(axis)}}<extra></extra>`,
    showlegend: false,
  };
}
