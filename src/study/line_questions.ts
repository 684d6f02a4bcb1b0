import type { RunRecord } from "#results/run.ts";
import type { Expectation } from "#stats/verdict.ts";
import type { Asked, Question } from "./exercise.ts";
import { riseOf, sagOf } from "./experiment/restarts.ts";
import { measuring } from "./questions.ts";

const FIGURES = {
  rise: { what: "loss barrier from start to end", of: riseOf },
  sag: { what: "lowest loss between start and end minus the lower of theirs", of: sagOf },
} as const;

interface OnLine {
  readonly arm: string;
  /** `rise`: above the higher end of the line; `sag`: below the lower one. */
  readonly figure: keyof typeof FIGURES;
  readonly expect: Expectation;
}

/** Asks about the loss on the straight line from the parent run's end to the run's own, of the seeds that have one. */
export function onLine(asked: Asked, { arm, figure, expect }: OnLine): Question {
  const { what, of } = FIGURES[figure];
  return measuring(asked, {
    what,
    unit: "nats",
    of: ({ events }: RunRecord) =>
      events.flatMap((event) => event.kind === "path" && event.from === "start" ? of(event) : [])[0] ?? null,
    among: ({ plan }: RunRecord) => plan.forensics === true,
    arm,
    expect,
  });
}
