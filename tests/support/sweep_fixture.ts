import type { SweepOutcome } from "#results/sweep.ts";
import { recordsOf, type StageRecords } from "#study/study.ts";
import type { SweepPlan } from "#study/sweep/plan.ts";
import { sweepAfter } from "#study/sweep/rungs.ts";
import { summariseSweep } from "#study/sweep/summarise.ts";
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

/** Records of runs that were not trained: their accuracy is what the test says. */
export function pretend(plans: readonly RunPlan[], accuracy: Pretended): RunRecord[] {
  return plans.map((plan) => {
    const reached = accuracy(plan);
    return reached === "diverged" ? record(plan, 0, "diverged") : record(plan, reached);
  });
}

/** The outcome of a sweep whose runs were pretended, and its records by id. */
export function sweepOutcome(
  plan: SweepPlan,
  accuracy: Pretended,
): { told: SweepOutcome; known: Map<string, RunRecord> } {
  const stages: StageRecords[] = [];
  for (let plans; (plans = sweepAfter(plan, stages).next) !== null;) {
    stages.push({ plans, records: pretend(plans, accuracy) });
  }
  return {
    told: summariseSweep(plan, sweepAfter(plan, stages).state, FACTS),
    known: new Map(recordsOf(stages).map((record) => [record.plan.id, record])),
  };
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
