import { z } from "zod";
import { deviceSchema, provenanceSchema, sizesSchema } from "./provenance_schema.ts";
import { experimentSweepSchema } from "./swept_cells_schema.ts";

const share = z.number().nullable();

const scores = {
  validation_accuracy: share,
  validation_loss: share,
  test_accuracy: share,
  test_loss: share,
};

const run = z.looseObject({
  seed: z.number(),
  member: z.looseObject({ of: z.number(), index: z.number() }).optional(),
  steps: z.number(),
  diverged: z.boolean(),
  failed: z.literal(true).optional(),
  reason: z.enum(["budget", "diverged", "stopped"]),
  detail: z.string().nullable(),
  ms_per_step: z.number().nullable(),
  steps_to_target: z.number().nullable(),
  final: z.looseObject({ ...scores, training_loss: share }),
  models: z.array(z.looseObject({ name: z.string(), ...scores })).optional(),
});

const score = z.looseObject({
  validation_accuracy: z.number(),
  validation_loss: z.number(),
  test_accuracy: z.number(),
  test_loss: z.number(),
});

const ensemble = score.extend({
  seed: z.number(),
  kind: z.enum(["members", "snapshots", "cycles"]),
  members: z.number(),
  steps: z.number(),
  mean_logits: score,
  weighted: score,
  single: z.looseObject({ validation_accuracy: z.number(), test_accuracy: z.number() }),
  chosen: z.looseObject({ validation_accuracy: z.number(), test_accuracy: z.number() }),
  test_accuracy_by_members: z.array(z.number()),
  disagreement: share,
});

const arm = z.looseObject({
  name: z.string(),
  schedule: z.unknown(),
  compared: z.literal(false).optional(),
  runs: z.array(run),
  ensembles: z.array(ensemble).optional(),
});

const comparison = z.looseObject({
  arm: z.string(),
  against: z.string(),
  metric: z.string(),
  difference: z.number().nullable(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  interval_uncorrected: z.tuple([z.number(), z.number()]).nullable().optional(),
  family: z.number().optional(),
  spread: share.optional(),
  seeds: z.number(),
  verdict: z.string(),
});

const tuning = z.looseObject({
  arm: z.string(),
  path: z.string(),
  trials: z.array(z.looseObject({ value: z.number(), accuracy: share, diverged: z.number() })),
  chosen: z.number(),
});

const answer = z.looseObject({
  question: z.string(),
  hypothesis: z.string(),
  text: z.string(),
  unit: z.string(),
  verdict: z.discriminatedUnion("kind", [
    z.looseObject({
      kind: z.enum(["supported", "contradicted"]),
      effect: z.number(),
      interval: z.tuple([z.number(), z.number()]),
      runs: z.number(),
    }),
    z.looseObject({ kind: z.literal("inconclusive"), missing: z.string() }),
  ]),
});

/** What the pages read of a `summary.json`. Other keys may stand beside these. */
export const summarySchema = z.looseObject({
  version: z.literal(1),
  name: z.string(),
  complete: z.boolean(),
  dataset: sizesSchema,
  lede: z.string(),
  model: z.string(),
  target: share,
  device: deviceSchema,
  provenance: provenanceSchema,
  arms: z.array(arm),
  tuning: z.array(tuning),
  comparisons: z.array(comparison),
  sweep: experimentSweepSchema.nullable(),
  answers: z.array(answer),
});

/** What an index tells of a result of another kind: `sweep.json`, `range-test.json`, the theory's `summary.json`. */
export const otherResultSchema = z.looseObject({
  version: z.literal(1),
  kind: z.string(),
  name: z.string(),
  complete: z.boolean().optional(),
  provenance: z.looseObject({ at: z.string() }),
  dataset: z.looseObject({ name: z.string() }).optional(),
  model: z.string().optional(),
  device: z.looseObject({ name: z.string() }).optional(),
  answers: z.array(z.looseObject({ verdict: z.string() })).optional(),
  axes: z.array(z.looseObject({ label: z.string() })).optional(),
  best: z.looseObject({ values: z.array(z.unknown()), mean: z.number() }).nullable().optional(),
  region: z.looseObject({ cells: z.array(z.number()), of: z.number() }).nullable().optional(),
  recommended: z.number().nullable().optional(),
});
