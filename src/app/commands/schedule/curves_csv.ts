import { toCsv } from "#report/render/csv.ts";
import type { Trace } from "../../schedules/traces.ts";

/** A row for each step: `step,epoch,lr,momentum`, with `name` in front where there are several schedules. */
export function toCsvText(traces: readonly Trace[]): string {
  const named = (name: string) => traces.length > 1 ? [name] : [];
  const rows = traces.flatMap(({ name, lr, momentum, start, run }) =>
    Array.from(lr, (rate, index) => {
      const step = start + index;
      return [...named(name), step, step / run.shape.stepsPerEpoch, rate, momentum?.[index] ?? null];
    })
  );
  return toCsv([...named("name"), "step", "epoch", "lr", "momentum"], rows, { digits: "all" });
}
