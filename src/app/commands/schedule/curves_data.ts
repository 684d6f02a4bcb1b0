import { commonShape } from "./facts.ts";
import { restartsOf, type Trace } from "./traces.ts";

/** One schedule as `{ lr, momentum, … }`, several as `{ schedules: [{ name, lr, momentum, … }] }`, each with its run. */
export function toJson(traces: readonly Trace[]): string {
  const one = (trace: Trace) => ({
    lr: [...trace.lr],
    momentum: trace.momentum === null ? null : [...trace.momentum],
    name: trace.name,
    schedule: trace.schedule,
    restarts: restartsOf(trace),
    depends_on: trace.built.feedback?.metric ?? null,
    first_step: trace.start,
    total_steps: trace.start + trace.lr.length,
    steps_per_epoch: trace.run.shape.stepsPerEpoch,
  });
  const shape = commonShape(traces);
  const run = shape && { total_steps: shape.totalSteps, steps_per_epoch: shape.stepsPerEpoch };
  const data = traces.length === 1 ? one(traces[0]!) : { schedules: traces.map(one), ...run };
  return JSON.stringify(data) + "\n";
}

/** A row for each step: `step,epoch,lr,momentum`, with `name` in front where there are several schedules. */
export function toCsvText(traces: readonly Trace[]): string {
  const several = traces.length > 1;
  const quoted = (text: string) => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const rows = traces.flatMap(({ name, lr, momentum, start, run }) => {
    const prefix = several ? `${quoted(name)},` : "";
    return Array.from(
      lr,
      (rate, index) =>
        `${prefix}${start + index},${(start + index) / run.shape.stepsPerEpoch},${rate},${
          momentum?.[index] ?? ""
        }`,
    );
  });
  return [`${several ? "name," : ""}step,epoch,lr,momentum`, ...rows].join("\r\n") + "\r\n";
}
