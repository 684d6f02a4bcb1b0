import { z } from "zod";

/** A share (0 … 1), a loss in nats, or another figure; `null` where there is none, or it was not finite. */
export const figure = z.number().nullable();
/** A 95 % interval; `null` where there are too few runs for one. */
export const interval = z.tuple([z.number(), z.number()]).nullable();
export const count = z.int().min(0);
export const reason = z.enum(["budget", "diverged", "stopped"]);
/** A schedule as data, as a spec writes it; its parameters are checked where it is built. */
export const schedule = z.looseObject({ name: z.string() });
/** Words for a measured difference. */
export const comparisonVerdict = z.enum([
  "higher",
  "lower",
  "no difference that matters",
  "no detectable difference",
  "not enough runs",
]);

export const looksEnded = z.enum(["decided", "last look", "budget", "unfinished"]).describe(
  "why there are no further looks: nothing is open, all planned were taken, time, or the study was stopped",
);

const bounds = z.tuple([z.number(), z.number()]);
const margin = z.number().exactOptional().describe(
  "a difference up to this, either way, does not matter; named before the runs",
);
const decidedBy = z.literal("failures").exactOptional().describe(
  "only where failed runs decided: effect and interval are of the share of seeds that fail, in points",
);

/** The four verdicts on a hypothesis. */
export const verdict = z.discriminatedUnion("kind", [
  z.object({
    kind: z.enum(["supported", "contradicted"]),
    effect: z.number(),
    interval: bounds,
    runs: z.number(),
    margin,
    decided_by: decidedBy,
  }),
  z.object({
    kind: z.literal("equivalent"),
    effect: z.number(),
    interval: bounds.describe("within the margin on both sides"),
    runs: z.number(),
    margin: z.number().describe(
      "a difference up to this, either way, does not matter; named before the runs",
    ),
    decided_by: decidedBy,
  }),
  z.object({
    kind: z.literal("inconclusive"),
    missing: z.string().describe("what it would take to know"),
    effect: z.number().exactOptional(),
    interval: bounds.exactOptional(),
    margin,
  }),
]);
