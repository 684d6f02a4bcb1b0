import type { Block, Report } from "#report/model.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import { pageOf } from "../../reports/page_of.ts";
import { type Difference, differenceFacts, differenceOf } from "./difference.ts";
import { type AskedRun, placed } from "../../schedules/facts.ts";
import { oneArm } from "./one_arm.ts";
import { refusePage, terminalFor, write } from "../../terminal/output.ts";
import { contextOf, type Output } from "./output.ts";
import { type Trace, traceOf } from "../../schedules/traces.ts";

/**
 * Two schedules overlaid, each a spec, a preset or a file, with the first step at which they part, the largest ratio and
 * the area between them. One that says nothing of its run is looked at in the other's.
 *
 * @throws {UsageError} unless there are two, and for a file with several arms that names none of them.
 */
export async function diff(
  given: readonly string[],
  asked: AskedRun,
  { format = "chart", out }: Output,
  io: CommandIo,
): Promise<void> {
  if (given.length !== 2) {
    throw new UsageError(
      `--diff compares two schedules, each as JSON, the name of a preset or a file (FILE#ARM for one of several arms); ` +
        `${given.length === 1 ? "one is" : `${given.length} are`} given`,
    );
  }
  const [a, b] = [await oneArm(given[0]!, "--diff", io), await oneArm(given[1]!, "--diff", io)];
  const named = a.arm.name === b.arm.name
    ? [{ ...a.arm, name: `${a.arm.name} (1)` }, { ...b.arm, name: `${b.arm.name} (2)` }]
    : [a.arm, b.arm];
  const together = placed(
    { arms: named, folder: ".", facts: {}, shape: { totalSteps: null, stepsPerEpoch: null } },
    asked,
  );
  const contexts = await Promise.all([a, b].map(({ arms }) => contextOf(arms)));
  const traces = together.arms.map((arm, index) => traceOf(arm, contexts[index]!));
  const difference = differenceOf(traces[0]!, traces[1]!);
  await write(await rendered(traces, difference, { format, out }, io), out, io);
}

async function rendered(
  traces: readonly Trace[],
  difference: Difference,
  { format, out }: Output,
  io: CommandIo,
): Promise<string> {
  switch (format) {
    case "json": {
      const { toJson } = await import("./curves_data.ts");
      return JSON.stringify({ difference: toData(difference), ...JSON.parse(toJson(traces)) }) + "\n";
    }
    case "csv":
      return (await import("./curves_csv.ts")).toCsvText(traces);
    case "html":
      refusePage(out, io);
      return await pageOf(await differencePage(traces, difference));
    default: {
      const { toChart } = await import("./curves_chart.ts");
      const facts = differenceFacts(difference).map(({ label, value }) => `${label}: ${value}`);
      return `${toChart(traces, terminalFor(out, io))}${facts.join("\n")}\n`;
    }
  }
}

const toData = ({ compared, from, differing, first, ratio, oneIsZero, area, sums }: Difference) => ({
  compared_steps: compared,
  from_step: from,
  differing_steps: differing,
  first_step: first,
  largest_ratio: ratio === null ? null : { value: ratio.value, step: ratio.step },
  one_is_zero_steps: oneIsZero,
  area,
  sums,
});

/** The page of the two curves, with the facts of their difference and its ratio over the run. */
async function differencePage(traces: readonly Trace[], difference: Difference): Promise<Report> {
  const { ratioFigure, schedulePage } = await import("../../schedules/page.ts");
  const [a, b] = traces as readonly [Trace, Trace];
  const page = schedulePage(traces);
  const ratio = Float64Array.from({ length: difference.compared }, (_, index) => {
    const step = difference.from + index;
    const [x, y] = [a.lr[step - a.start]!, b.lr[step - b.start]!];
    // Where both are 0 they are the same; where one is, there is no ratio to draw.
    return x === y ? 1 : x === 0 || y === 0 ? NaN : y / x;
  });
  const over = { ...a, name: `${b.name} / ${a.name}`, start: difference.from, lr: ratio };
  const blocks: Block[] = [
    { kind: "facts", facts: differenceFacts(difference) },
    ...(ratio.some((value) => value !== 1) ? [ratioFigure(over, a.name, b.name)] : []),
  ];
  const section = { id: "difference", title: "Difference", brief: true, blocks };
  return {
    ...page,
    eyebrow: "two learning-rate schedules",
    title: `${a.name} and ${b.name}`,
    sections: [...page.sections.slice(0, 1), section, ...page.sections.slice(1)],
  };
}
