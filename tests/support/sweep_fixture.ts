import type { SweepOutcome } from "#results/sweep.ts";
import { runSweep, type SweepPlan, type SweepState } from "#study/sweep/run.ts";
import { summariseSweep } from "#study/sweep/summarise.ts";
import type { Runner } from "#app/session/runner.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { parseSpec } from "#spec/parse.ts";
import { readAxis } from "#spec/sweep/axes.ts";
import { checkCells } from "#spec/sweep/plan.ts";
import { cellsOf, rungsOf, type SweepRequest } from "#spec/sweep/request.ts";
import { record } from "./records.ts";

const VOCABULARY = { datasets: ["shapes"], models: ["cnn-small", "cnn"] };
const SPEC = parseSpec(
  `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 18 epochs
eval_every: 1 step
seeds: [1, 2, 3]
arms: [{ name: a, schedule: { name: polynomial, lr: 0.1, power: 1, duration: 100% } }]
`,
  { file: "x", profile: null, overrides: {} },
  VOCABULARY,
);

/** A sweep over 100 training images, planned. */
export function sweepPlan(over: readonly string[], more: Partial<SweepRequest> = {}): SweepPlan {
  const request: SweepRequest = {
    axes: over.map(readAxis),
    arm: "a",
    method: "grid",
    samples: null,
    draw: 1,
    eta: 3,
    seeds: [1, 2, 3],
    duration: "18 epochs",
    min_duration: null,
    all: false,
    ...more,
  };
  const cells = checkCells(SPEC, request, cellsOf(request), VOCABULARY);
  return { request, cells, rungs: rungsOf(request, cells.length), trainImages: 100, resolution: 1 / 300 };
}

/** What a run is pretended to have reached: a share, or that it diverged. */
export type Pretended = (plan: RunPlan) => number | "diverged";

/** Runs that were not trained: their accuracy is what the test says. */
export function pretend(accuracy: Pretended): { runner: Runner; known: Map<string, RunRecord> } {
  const known = new Map<string, RunRecord>();
  const runner: Runner = {
    run: (plans) => {
      for (const plan of plans) {
        const told = accuracy(plan);
        known.set(plan.id, told === "diverged" ? record(plan, 0, "diverged") : record(plan, told));
      }
      return Promise.resolve();
    },
    records: (plans) => plans.flatMap((plan) => known.get(plan.id) ?? []),
    file: () => Promise.resolve(null),
  };
  return { runner, known };
}

/** The outcome of a sweep whose runs were pretended, and its records by id. */
export async function sweepOutcome(
  plan: SweepPlan,
  accuracy: Pretended,
): Promise<{ told: SweepOutcome; known: Map<string, RunRecord> }> {
  const { runner, known } = pretend(accuracy);
  let last: SweepState | null = null;
  await runSweep(plan, {
    runner,
    onState: (state) => Promise.resolve(last = state),
  });
  return { told: summariseSweep(plan, last!, FACTS), known };
}

const FACTS: Parameters<typeof summariseSweep>[2] = {
  name: "x",
  model: "cnn-small",
  dataset: { name: "shapes", train: 100, validation: 300, test: 300, digest: "d" },
  device: { backend: "wasm", name: "WASM", detail: "", why: "" },
  provenance: {
    at: "2026-01-01T00:00:00Z",
    command: "deno task sweep x.yaml",
    spec_digest: "s",
    commit: null,
    versions: { deno: "2" },
    jobs: 2,
    wall_s: 60,
  },
};
