import { CATALOGUE } from "#schedules/entries.ts";
import { kindOf } from "#report/charts/registry.ts";
import { type Block, type Figure, figuresIn, type Report, type Section } from "#report/model.ts";
import { left, right, tableOf } from "#report/table.ts";
import { playgroundPart, reasonForStatic } from "#report/sections/playground/part.ts";
import { printSchedule } from "#schedules/print.ts";
import { type Arms, untunedText } from "./facts.ts";
import { restartsOf, thinned, type Trace } from "./traces.ts";

/** Rate and momentum over steps and epochs, and what each schedule is. */
export function schedulePage(
  traces: readonly Trace[],
  untuned: Arms["untuned"] = undefined,
): Report {
  const title = traces.length === 1 ? traces[0]!.name : `${traces.length} schedules`;
  const blocks: Block[] = [
    figure("rate", "Learning rate", "learning rate", traces, ({ lr }) => lr),
    ...(traces.some(({ momentum }) => momentum !== null)
      ? [figure("momentum", "Momentum", "momentum", traces, ({ momentum }) => momentum)]
      : []),
  ];
  return {
    eyebrow: "learning-rate schedule",
    title,
    summary: runsText(traces),
    notices: [
      ...(untuned ? [{ kind: "warning" as const, text: `${untunedText(untuned)}.` }] : []),
      ...traces.filter(({ built }) => built.feedback !== null).map(({ name, built }) => ({
        kind: "warning" as const,
        text: `${name} changes with ${built.feedback!.metric}; drawn as it is without any evaluation.`,
      })),
    ],
    series: traces.map(({ name }) => name),
    overview: [],
    sections: [
      { id: "curves", title: "Curves", brief: true, blocks },
      { id: "numbers", title: "Figures", brief: true, blocks: [figuresTable(traces)] },
      { id: "formulas", title: "Formulas", brief: false, blocks: formulasOf(traces) },
    ],
  };
}

/**
 * The page of `schedule --format html`: the same curves with a slider for each parameter, and what each schedule is.
 * Schedules that no page can build are shown without.
 */
export function playgroundPage(traces: readonly Trace[], untuned: Arms["untuned"] = undefined): Report {
  const page = schedulePage(traces, untuned);
  const reason = reasonForStatic(traces);
  if (reason !== null) {
    return {
      ...page,
      notices: [...page.notices, { kind: "warning", text: `This page has no sliders: ${reason}.` }],
    };
  }
  const [{ blocks }, numbers, formulas] = page.sections as readonly [Section, Section, Section];
  // Without its program the page has the curves as tables.
  const tables = figuresIn(blocks).map(({ chart, title }) => kindOf(chart).table(chart, title));
  return {
    ...page,
    overview: [playgroundPart(traces, [...tables, ...numbers.blocks])],
    sections: [formulas],
  };
}

/** Length of the runs, in one sentence. */
function runsText(traces: readonly Trace[]): string {
  const lengths = new Set(
    traces.map(({ start, lr, run }) =>
      `${start === 0 ? "" : `steps ${start} to `}${start + lr.length}${
        start === 0 ? " steps" : ""
      }, ${run.shape.stepsPerEpoch} an epoch`
    ),
  );
  return `${[...lengths].join("; ")}.`;
}

/** A figure of one value of each curve over the steps. */
export function figure(
  id: string,
  title: string,
  unit: string,
  traces: readonly Trace[],
  values: (trace: Trace) => Float64Array | null,
): Figure {
  const lines = traces.flatMap((trace, series) => {
    const found = values(trace);
    return found === null ? [] : [{
      series,
      label: trace.name,
      ...thinned(found, trace.start),
      band: null,
      style: "curve" as const,
      chosen: null,
    }];
  });
  const longest = Math.max(...traces.map(({ lr }) => lr.length));
  const drawn = lines.some(({ x }) => x.length < longest)
    ? " Of a long run each stretch of steps is drawn by its lowest and its highest value."
    : "";
  return {
    kind: "figure",
    id,
    title,
    caption: `The ${unit} that each step uses; epochs above.${drawn}`,
    width: "full",
    alt: `${title} of ${lines.map(({ label }) => label).join(", ")} over ${longest} steps`,
    chart: {
      kind: "lines",
      x: { title: "step", scale: "linear", decimals: 0 },
      y: { title: unit, scale: "linear", decimals: "significant" },
      above: { title: "epoch", every: traces[0]!.run.shape.stepsPerEpoch },
      lines,
      levels: [],
    },
  };
}

/** The rate of one schedule divided by that of another. */
export function ratioFigure(ratio: Trace, of: string, by: string): Figure {
  const drawn = figure("ratio", "Ratio of the rates", "ratio", [ratio], ({ lr }) => lr);
  const { chart } = drawn;
  return {
    ...drawn,
    caption:
      `The rate of ${by} divided by that of ${of}; at 1 both are the same. There is none where one is 0.`,
    chart: chart.kind === "lines" ? { ...chart, y: { ...chart.y, scale: "log" } } : chart,
  };
}

function figuresTable(traces: readonly Trace[]): Block {
  const rate = (value: number) => String(Number(value.toPrecision(6)));
  return tableOf(traces, {
    caption: "First, largest, smallest and last rate",
    columns: [
      left("schedule", ({ name }) => name),
      right("first", ({ lr }) => rate(lr[0]!)),
      right("largest", ({ lr }) => rate(lr.reduce((a, b) => Math.max(a, b)))),
      right("smallest", ({ lr }) => rate(lr.reduce((a, b) => Math.min(a, b)))),
      right("last", ({ lr }) => rate(lr[lr.length - 1]!)),
      right("restarts", (trace) => trace.built.cycles === null ? "–" : String(restartsOf(trace).length)),
    ],
    series: (_, index) => index,
  });
}

/** A formula for each schedule; one for those that only differ in their run. */
function formulasOf(traces: readonly Trace[]): Block[] {
  const specs = [...new Set(traces.map(({ schedule }) => printSchedule(schedule)))];
  return specs.map((spec) => {
    const same = traces.filter(({ schedule }) => printSchedule(schedule) === spec);
    return formula(same.map(({ name }) => name).join(", "), same[0]!);
  });
}

function formula(name: string, { schedule }: Trace): Block {
  const entry = CATALOGUE.entries[schedule.name]!;
  return {
    kind: "facts",
    facts: [
      { label: "schedule", value: name },
      { label: "rate of step t", value: entry.formula },
      { label: "first", value: entry.first },
      { label: "last", value: entry.last },
      { label: "source", value: entry.source },
      { label: "spec", value: printSchedule(schedule) },
    ],
  };
}
