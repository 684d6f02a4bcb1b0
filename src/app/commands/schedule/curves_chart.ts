import { terminalChart } from "#report/charts/text/curves.ts";
import { restartsOf, thinned, type Trace } from "../../schedules/traces.ts";

/** Curves and a few figures, for a terminal of so many columns. */
export function toChart(
  traces: readonly Trace[],
  options: { readonly columns: number; readonly color: boolean },
): string {
  const width = Math.max(40, Math.min(120, options.columns));
  const xLabel = stepsText(traces);
  const draw = (values: (trace: Trace) => Float64Array | null, yLabel: string, height: number) => {
    const series = traces.flatMap((trace) => {
      const found = values(trace);
      return found === null ? [] : [{ label: trace.name, ...thinned(found, trace.start) }];
    });
    return series.length === 0
      ? []
      : [terminalChart(series, { width, height, xLabel, yLabel, color: options.color })];
  };
  return [
    ...(traces.length === 1 ? [traces[0]!.name] : []),
    ...draw(({ lr }) => lr, "learning rate", 18 + traces.length),
    ...draw(({ momentum }) => momentum, "momentum", 11 + traces.length),
    ...traces.map((trace) => figuresOf(trace, traces.length > 1)),
  ].join("\n") + "\n";
}

/** The steps that are drawn, with epochs where all runs count them alike. */
function stepsText(traces: readonly Trace[]): string {
  const first = Math.min(...traces.map(({ start }) => start));
  const end = Math.max(...traces.map(({ start, lr }) => start + lr.length));
  const perEpoch = [...new Set(traces.map(({ run }) => run.shape.stepsPerEpoch))];
  const epochs = Number((end / perEpoch[0]!).toPrecision(3));
  const text = perEpoch.length > 1 ? "" : ` (${epochs} ${epochs === 1 ? "epoch" : "epochs"})`;
  return `step ${first} … ${end - 1}${text}`;
}

function figuresOf(trace: Trace, named: boolean): string {
  const { lr, built, start } = trace;
  let [low, high] = [0, 0];
  for (let step = 0; step < lr.length; step++) {
    if (lr[step]! < lr[low]!) low = step;
    if (lr[step]! > lr[high]!) high = step;
  }
  const rate = (step: number) => Number(lr[step]!.toPrecision(4));
  const restarts = restartsOf(trace, 9);
  const parts = [
    `first ${rate(0)}`,
    `highest ${rate(high)} at ${start + high}`,
    `lowest ${rate(low)} at ${start + low}`,
    `last ${rate(lr.length - 1)}`,
    ...(restarts.length === 0
      ? []
      : [`restarts at ${restarts.slice(0, 8).join(", ")}${restarts.length > 8 ? ", …" : ""}`]),
    ...(built.feedback === null
      ? []
      : [`changes with ${built.feedback.metric}, here without any evaluation`]),
  ];
  return `${named ? `${trace.name}: ` : ""}${parts.join(" · ")}`;
}
