import type { RunShape } from "#lib/duration.ts";
import { restartsOf, type Trace } from "./traces.ts";

/** One schedule as `{ lr, momentum, … }`, several as `{ schedules: [{ name, lr, momentum, … }] }`. */
export function toJson(traces: readonly Trace[], shape: RunShape): string {
  const run = { total_steps: shape.totalSteps, steps_per_epoch: shape.stepsPerEpoch };
  const one = (trace: Trace) => ({
    lr: [...trace.lr],
    momentum: trace.momentum === null ? null : [...trace.momentum],
    name: trace.name,
    schedule: trace.schedule,
    restarts: restartsOf(trace),
    depends_on: trace.built.feedback?.metric ?? null,
  });
  const data = traces.length === 1 ? { ...one(traces[0]!), ...run } : { schedules: traces.map(one), ...run };
  return JSON.stringify(data) + "\n";
}

/** A row for each step: `step,epoch,lr,momentum`, with `name` in front where there are several schedules. */
export function toCsvText(traces: readonly Trace[], { stepsPerEpoch }: RunShape): string {
  const several = traces.length > 1;
  const quoted = (text: string) => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const rows = traces.flatMap(({ name, lr, momentum }) => {
    const prefix = several ? `${quoted(name)},` : "";
    return Array.from(
      lr,
      (rate, step) => `${prefix}${step},${step / stepsPerEpoch},${rate},${momentum?.[step] ?? ""}`,
    );
  });
  return [`${several ? "name," : ""}step,epoch,lr,momentum`, ...rows].join("\r\n") + "\r\n";
}
