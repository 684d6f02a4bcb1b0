import type { RunShape } from "#lib/duration.ts";
import { terminalChart } from "#report/charts/text/curves.ts";
import { restartsOf, thinned, type Trace } from "./traces.ts";

/** Curves and a few figures, for a terminal of so many columns. */
export function toChart(
  traces: readonly Trace[],
  shape: RunShape,
  options: { readonly columns: number; readonly color: boolean },
): string {
  const width = Math.max(40, Math.min(120, options.columns));
  const epochs = Number((shape.totalSteps / shape.stepsPerEpoch).toPrecision(3));
  const xLabel = `step 0 … ${shape.totalSteps - 1} (${epochs} ${epochs === 1 ? "epoch" : "epochs"})`;
  const draw = (values: (trace: Trace) => Float64Array | null, yLabel: string, height: number) => {
    const series = traces.flatMap((trace) => {
      const found = values(trace);
      return found === null ? [] : [{ label: trace.name, ...thinned(found) }];
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

function figuresOf(trace: Trace, named: boolean): string {
  const { lr, built } = trace;
  let [low, high] = [0, 0];
  for (let step = 0; step < lr.length; step++) {
    if (lr[step]! < lr[low]!) low = step;
    if (lr[step]! > lr[high]!) high = step;
  }
  const rate = (step: number) => Number(lr[step]!.toPrecision(4));
  const restarts = restartsOf(trace, 9);
  const parts = [
    `first ${rate(0)}`,
    `highest ${rate(high)} at ${high}`,
    `lowest ${rate(low)} at ${low}`,
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
