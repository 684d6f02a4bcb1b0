import assert from "node:assert/strict";
import { emitSchedule } from "#export/emit.ts";
import type { Framework } from "#schedules/frameworks/exports.ts";
import { ADAMW, hasMomentum, type OptimizerChoice, SGD } from "#schedules/frameworks/optimizer.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { CATALOGUE } from "#schedules/entries.ts";
import type { RunShape, ScheduleSpec } from "#schedules/schedule.ts";
import { runTorch } from "./torch.ts";

/** A schedule in a run. */
export interface SnippetCase {
  readonly spec: ScheduleSpec;
  readonly shape: RunShape;
}

/** A snippet to be run. */
export interface SnippetJob extends SnippetCase {
  readonly framework: Framework;
  readonly code: string;
}

/** What a snippet gave. */
export interface SnippetAnswer {
  readonly lr: readonly number[];
  readonly momentum: readonly number[] | null;
  /** Rates from the middle of the run on, of a run that was resumed there; `null` where there is no object to save. */
  readonly resumed: readonly number[] | null;
  readonly error: string | null;
}

/** The snippet of a schedule, emitted with an optimizer. */
export function jobOf(
  { spec, shape }: SnippetCase,
  framework: Framework,
  optimizer?: OptimizerChoice,
): SnippetJob {
  const chosen = optimizer ?? (framework === "transformers" ? ADAMW : SGD);
  return { spec, shape, framework, code: emitSchedule(spec, shape, framework, CATALOGUE, chosen) };
}

/** Runs snippets in Python, one process for all. */
export async function runSnippets(jobs: readonly SnippetJob[]): Promise<SnippetAnswer[]> {
  const given = jobs.map(({ framework, code, shape }) => ({
    framework,
    code,
    total: shape.totalSteps,
    every: shape.stepsPerEpoch,
    per_epoch: /# after each epoch: |"interval": "epoch"/.test(code),
  }));
  return JSON.parse(await runTorch("run_snippets.py", given));
}

/** Asserts that a snippet gave our rates, one call past the end and resumed too. */
export function compareRates(
  { spec, shape, framework, code }: SnippetJob,
  { lr, momentum, resumed, error }: SnippetAnswer,
  optimizer: OptimizerChoice = framework === "transformers" ? ADAMW : SGD,
): void {
  const context = `${framework} ${JSON.stringify(spec)}\n${code}`;
  assert.equal(error, null, `${error}\n${context}`);
  // A loop asks for the rate after its last step, which none uses; fastai's training ends before.
  assert.equal(lr.length, shape.totalSteps + (framework === "fastai" ? 0 : 1), context);
  const built = buildSchedule(spec, shape);
  const rates = lr.slice(0, shape.totalSteps);
  const peak = Math.max(...rates);
  // fastai keeps the boundaries of its parts in 32-bit floats.
  const relative = code.includes("combine_scheds") || code.includes("fit_") ? 1e-5 : 1e-9;
  const compare = (ours: number, theirs: number, what: string) => {
    const allowed = relative * Math.max(Math.abs(ours), Math.abs(theirs)) +
      (relative > 1e-9 ? relative : 1e-14) * peak + 1e-307; // below it a double has few digits
    assert.ok(Math.abs(ours - theirs) <= allowed, `${what}: ${ours} here, ${theirs} there\n${context}`);
  };
  rates.forEach((theirs, step) => compare(built.lr(step), theirs, `step ${step}`));
  assert.ok(Number.isFinite(lr.at(-1)), context);
  resumed?.forEach((theirs, index) => {
    const step = Math.floor(shape.totalSteps / 2) + index;
    compare(built.lr(step), theirs, `resumed, step ${step}`);
  });
  const moved = spec.name === "one_cycle" || spec.name === "cyclic";
  if (!moved || built.momentum === null || momentum === null || !hasMomentum(optimizer)) return;
  momentum.slice(0, shape.totalSteps).forEach((theirs, step) => {
    assert.ok(
      Math.abs(built.momentum!(step) - theirs) <= relative,
      `momentum of step ${step}: ${theirs}\n${context}`,
    );
  });
}
