import { durationToSteps, parseDuration } from "#lib/duration.ts";
import { HORIZON_POLICIES, type HorizonPolicy } from "#spec/longer.ts";
import type { Block } from "#report/model.ts";
import { left, right, type Table, tableOf } from "#report/table.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import { pageOf } from "../../reports/page_of.ts";
import type { ArmRun, Arms, PlacedArm } from "../../schedules/facts.ts";
import { refusePage, terminalFor, write } from "../../terminal/output.ts";
import { contextOf, type Output } from "./output.ts";
import { type Trace, traceOf } from "../../schedules/traces.ts";

/** A run that is resumed with another length. */
export interface Resumption {
  /** Steps done before. */
  readonly at: number;
  /** End of the longer run, counted from the beginning; a percentage is of the planned run. */
  readonly until: string;
}

/**
 * A schedule as planned, and as the three horizon policies continue it from a step on to another end, before anyone
 * trains.
 *
 * @throws {UsageError} for several schedules, a step outside the run, or an end that adds nothing.
 */
export async function resumed(
  arms: Arms<PlacedArm>,
  { at, until }: Resumption,
  { format = "chart", out }: Output,
  io: CommandIo,
): Promise<void> {
  const [arm] = arms.arms;
  if (arms.arms.length !== 1 || arm === undefined) {
    throw new UsageError(
      `--resumed-at shows one schedule; ${arms.arms.length} are given (--file FILE#ARM takes one arm of a spec)`,
    );
  }
  const context = await contextOf(arms);
  const end = endOf(arm, { at, until });
  const planned = traceOf({ ...arm, name: "as planned" }, context);
  const continued = Object.entries(runsFrom(arm.run, at, end)).map(([policy, run]) =>
    traceOf({ ...arm, name: policy, run }, context)
  );
  const traces = [planned, ...continued];
  const notes = [
    `${arm.name}, resumed after ${at} of ${planned.lr.length} steps, up to step ${end}`,
    ...continued.map((trace) => policyText(trace, planned)),
    ...(planned.built.feedback === null
      ? []
      : ["It waits for evaluations, so only append trains: in the others its state would begin anew."]),
  ];
  await write(await rendered(traces, notes, { format, out }, io), out, io);
}

/** The step at which the longer run ends. */
function endOf({ run: { shape, origin, first, steps } }: PlacedArm, { at, until }: Resumption): number {
  const begin = origin + first;
  const end = durationToSteps(parseDuration(until), { ...shape, totalSteps: begin + steps });
  if (!(at > begin && at <= begin + steps)) {
    throw new UsageError(
      `Cannot resume at step ${at}: the run has the steps ${begin + 1} to ${begin + steps} to resume after`,
    );
  }
  if (end > at) return end;
  throw new UsageError(
    `Cannot continue until ${until} (step ${end}): ${
      at === 1 ? "1 step is" : `${at} steps are`
    } done, and lengths count from the beginning`,
  );
}

/** The runs of the three policies: what `clock` of an arm with `from` plans. */
function runsFrom(run: ArmRun, at: number, end: number): Readonly<Record<HorizonPolicy, ArmRun>> {
  const { origin, shape } = run;
  const continued = { ...run, first: at - origin, steps: end - at };
  return {
    stretch: { ...continued, shape: { ...shape, totalSteps: end - origin } },
    keep: continued,
    append: { ...run, origin: at, first: 0, steps: end - at, shape: { ...shape, totalSteps: end - at } },
  };
}

/** A policy at the seam and at the end. */
function seamOf({ start, lr }: Trace, planned: Trace) {
  const rate = (value: number) => Number(value.toPrecision(4));
  const [before, first, last] = [planned.lr[start - planned.start - 1]!, lr[0]!, lr[lr.length - 1]!];
  let area = 0;
  for (const value of lr) area += value;
  return {
    before: rate(before),
    first: rate(first),
    times: before === 0 || first === before ? null : rate(first / before),
    last: rate(last),
    end: start + lr.length - 1,
    area: rate(area),
  };
}

const doingOf = ({ name }: Trace): string => HORIZON_POLICIES[name as HorizonPolicy];

function policyText(trace: Trace, planned: Trace): string {
  const { before, first, times, last, end, area } = seamOf(trace, planned);
  return `${trace.name}: ${doingOf(trace)}; ${before} at step ${
    trace.start - 1
  }, ${first} at ${trace.start}` +
    `${times === null ? "" : ` (× ${times})`}, ${last} at ${end}; sum of the rates added ${area}`;
}

/** The policies side by side, a row each. */
function policyTable(continued: readonly Trace[], planned: Trace): Table {
  const { start } = continued[0]!;
  const seams = continued.map((trace) => ({ trace, ...seamOf(trace, planned) }));
  return tableOf(seams, {
    caption: "Rates at the seam and at the end",
    columns: [
      left("policy", ({ trace }) => trace.name),
      right(`step ${start - 1}`, ({ before }) => String(before)),
      right(`step ${start}`, ({ first }) => String(first)),
      right("ratio", ({ times }) => String(times ?? "–")),
      right(`step ${seams[0]!.end}`, ({ last }) => String(last)),
      right("sum of the rates added", ({ area }) => String(area)),
    ],
    series: (_, index) => index + 1,
  });
}

async function rendered(
  traces: readonly Trace[],
  notes: readonly string[],
  { format, out }: Output,
  io: CommandIo,
): Promise<string> {
  switch (format) {
    case "json":
      return (await import("./curves_data.ts")).toJson(traces);
    case "csv":
      return (await import("./curves_csv.ts")).toCsvText(traces);
    case "html": {
      refusePage(out, io);
      const { schedulePage } = await import("../../schedules/page.ts");
      const page = schedulePage(traces);
      const [planned, ...continued] = traces as readonly [Trace, ...Trace[]];
      const table = { ...policyTable(continued, planned), note: notes.slice(1 + continued.length).join(" ") };
      const facts: Block = {
        kind: "facts",
        facts: continued.map((trace) => ({ label: trace.name, value: doingOf(trace) })),
      };
      const section = { id: "policies", title: "Horizon policies", brief: true, blocks: [facts, table] };
      const sections = [...page.sections.slice(0, 1), section, ...page.sections.slice(1)];
      const { start, lr, run } = continued[0]!;
      const summary = `Planned for ${planned.lr.length} steps; ${lr.length} more from step ${start} on, ` +
        `${run.shape.stepsPerEpoch} an epoch.`;
      return await pageOf({ ...page, title: notes[0]!, summary, sections });
    }
    default: {
      const { toChart } = await import("./curves_chart.ts");
      return `${toChart(traces, terminalFor(out, io))}\n${notes.join("\n")}\n`;
    }
  }
}
