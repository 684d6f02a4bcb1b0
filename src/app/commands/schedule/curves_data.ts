import { commonShape } from "../../schedules/facts.ts";
import { restartsOf, type Trace } from "../../schedules/traces.ts";

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
