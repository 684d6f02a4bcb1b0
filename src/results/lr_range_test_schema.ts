import { z } from "zod";
import { deviceSchema, provenanceSchema, sizesSchema } from "./provenance_schema.ts";

const share = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]).nullable();
const rule = z.enum(["valley", "steepest", "minimum_tenth", "slide"]);
const verdict = z.enum(["higher", "lower", "no detectable difference", "not enough runs"]);

const run = z.looseObject({
  seed: z.number(),
  reason: z.enum(["budget", "diverged", "stopped"]),
  detail: z.string().nullable(),
  lr: z.array(z.number()),
  loss: z.array(share),
  smoothed: z.array(share),
});

const candidate = z.looseObject({
  lr: z.number(),
  labels: z.array(z.string()),
  factor: share,
  runs: z.array(z.looseObject({ seed: z.number(), accuracy: share, diverged: z.boolean() })),
  accuracy: share,
  interval,
  difference: z.looseObject({ difference: share, interval, seeds: z.number(), verdict }).nullable(),
});

/** What the page reads of a `range-test.json`. Other keys may stand beside these. */
export const rangeTestSchema = z.looseObject({
  version: z.literal(1),
  kind: z.literal("range-test"),
  name: z.string(),
  complete: z.boolean(),
  model: z.string(),
  dataset: sizesSchema,
  device: deviceSchema,
  provenance: provenanceSchema,
  optimizer: z.looseObject({ name: z.string(), weight_decay: z.number(), clip_norm: share }),
  batch_size: z.number(),
  accumulate: z.number(),
  ramp: z.looseObject({
    from: z.number(),
    to: z.number(),
    steps: z.number(),
    shape: z.enum(["exponential", "linear"]),
  }),
  smoothing: z.number(),
  runs: z.array(run),
  suggestions: z.array(z.looseObject({
    rule,
    lr: share,
    interval,
    reason: z.string().nullable(),
    seeds: z.array(z.looseObject({ seed: z.number(), lr: share })),
  })),
  chosen: z.looseObject({ rule, lr: z.number() }).nullable(),
  recommended: share,
  validation: z.looseObject({
    steps: z.number(),
    seeds: z.array(z.number()),
    candidates: z.array(candidate),
    verdict: z.looseObject({ kind: z.enum(["supported", "contradicted", "inconclusive"]) }),
    text: z.string(),
  }).nullable(),
});
