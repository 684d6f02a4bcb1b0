import { z } from "zod";

/** A share (0 … 1), a loss in nats, or another figure; `null` where there is none, or it was not finite. */
export const figure = z.number().nullable();
/** A 95 % interval; `null` where there are too few runs for one. */
export const interval = z.tuple([z.number(), z.number()]).nullable();
export const count = z.int().min(0);
export const reason = z.enum(["budget", "diverged", "stopped"]);
/** A schedule as data, as a spec writes it; its parameters are checked where it is built. */
export const schedule = z.looseObject({ name: z.string() });
export const comparisonVerdict = z.enum(["higher", "lower", "no detectable difference", "not enough runs"]);

/** The three verdicts on a hypothesis. */
export const verdict = z.discriminatedUnion("kind", [
  z.object({
    kind: z.enum(["supported", "contradicted"]),
    effect: z.number(),
    interval: z.tuple([z.number(), z.number()]),
    runs: z.number(),
  }),
  z.object({
    kind: z.literal("inconclusive"),
    missing: z.string().describe("what it would take to know"),
  }),
]);
