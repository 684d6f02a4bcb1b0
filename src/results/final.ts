import { stepsToTarget as firstReached } from "#stats/curves.ts";
import type { EvalEvent, StepEvent } from "#train/events.ts";
import { scoreOf } from "#train/score.ts";
import type { RunRecord } from "./run.ts";

export { scoreOf };

/** The evaluation after the last step; `null` where the run did not come so far. */
export function finalEval(record: RunRecord, split: EvalEvent["split"]): EvalEvent | null {
  const last = evals(record, split).at(-1);
  return last && last.step === record.plan.total_steps ? last : null;
}

/** Evaluations of the weights in training; those of averages and snapshots carry a name and are not among them. */
export function evals(record: RunRecord, split: EvalEvent["split"]): EvalEvent[] {
  return record.events.filter((event): event is EvalEvent =>
    event.kind === "eval" && event.split === split && event.weights === undefined
  );
}

/** Evaluations of other weights than those in training: of averages and snapshots, after the last step. */
export function finalEvals(record: RunRecord): EvalEvent[] {
  return record.events.filter((event): event is EvalEvent =>
    event.kind === "eval" && event.weights !== undefined && event.step === record.plan.total_steps
  );
}

/** Every step that a run recorded, in order. */
export function steps(record: RunRecord): StepEvent[] {
  return record.events.filter((event): event is StepEvent => event.kind === "step");
}

/** A run's lineage: its ancestors that are among the records, the first one first, then itself. */
export function lineageOf(record: RunRecord, records: readonly RunRecord[]): RunRecord[] {
  const { start } = record.plan;
  const before = start?.kind === "run" && records.find(({ plan }) => plan.id === start.plan.id);
  return before ? [...lineageOf(before, records), record] : [record];
}

/** Steps until validation accuracy, of masks mean Dice, of text the likelihood of a token, first reached `target` in a lineage; `null` if it never did. */
export function stepsToTarget(lineage: readonly RunRecord[], target: number): number | null {
  const held = lineage.flatMap((record) => evals(record, "validation"));
  return firstReached(
    { steps: held.map(({ step }) => step), values: held.map(scoreOf) },
    target,
  );
}

/** True for a run that ended because its loss was not finite, or beyond the limit of training. */
export function hasDiverged({ events }: Pick<RunRecord, "events">): boolean {
  const last = events.at(-1);
  return last?.kind === "ended" && last.reason === "diverged";
}
