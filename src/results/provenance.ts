import { z } from "zod";
import type { DataOf } from "./file.ts";

/** Data, device and making of a result: what results of every kind have in common. */
export const datasetSizes = z.object({
  name: z.string(),
  train: z.number().describe("training images, or windows of text"),
  validation: z.number(),
  test: z.number(),
  digest: z.string().describe("SHA-256 (hex) of all images, or tokens, and labels"),
  entropy: z.number().exactOptional().describe(
    "of text whose source is known: the mean loss of the best possible prediction, nats a token",
  ),
});

export const device = z.object({
  backend: z.enum(["webgpu", "wasm", "cpu"]),
  name: z.string(),
  detail: z.string(),
  why: z.string().describe(
    "why no better device was taken; empty where none is better or this one was asked for",
  ),
}).describe("the device that ran, in words");

export const versions = z.record(z.string(), z.string()).describe("of everything that can change a number");

const deadLetter = z.object({
  run: z.string().describe("id of the run"),
  attempts: z.number().describe("how often a worker began it"),
  reason: z.string().describe("of the last attempt"),
}).describe("a run that the workers of a queue gave up");

export const provenance = z.object({
  at: z.string().describe("when it was started, ISO 8601"),
  command: z.string().describe("the command that makes it again"),
  spec_digest: z.string().describe("SHA-256 (hex) of spec.yaml"),
  commit: z.string().nullable().describe("of the lab's checkout; null outside one"),
  versions,
  jobs: z.number().describe("runs at a time"),
  wall_s: z.number().describe("seconds that it took, over all sessions"),
  dead_letters: z.array(deadLetter).exactOptional().describe(
    "of a study whose runs were trained by a queue: those that were given up; absent where there are none",
  ),
}).describe("what made the result");

/** The device that ran, in words: the compute room's own shape, so that records need no tfjs. */
export type DeviceInfo = DataOf<typeof device>;
export type DeadLetter = DataOf<typeof deadLetter>;
export type Provenance = DataOf<typeof provenance>;
