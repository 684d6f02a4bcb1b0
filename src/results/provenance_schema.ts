import { z } from "zod";

/** What results of every kind tell of their data, device and making. Other keys may stand beside these. */
export const sizesSchema = z.looseObject({
  name: z.string(),
  train: z.number(),
  validation: z.number(),
  test: z.number(),
  digest: z.string(),
});

export const deviceSchema = z.looseObject({
  backend: z.enum(["webgpu", "wasm", "cpu"]),
  name: z.string(),
  detail: z.string(),
  why: z.string(),
});

export const provenanceSchema = z.looseObject({
  at: z.string(),
  command: z.string(),
  spec_digest: z.string(),
  commit: z.string().nullable(),
  versions: z.record(z.string(), z.string()),
  jobs: z.number(),
  wall_s: z.number(),
});
