import type { z } from "zod";
import type { Frozen } from "#lib/frozen.ts";
import type * as schema from "./events_schema.ts";

/**
 * Events of a run, in order. One line of `events.jsonl` each; the schemas describe their keys. They are imported as
 * types alone, so that a worker starts without them.
 */
export type TrainEvent = Event<typeof schema.trainEvent>;
/** One step. `lr` and `momentum` are those that were applied, read back from the device. */
export type StepEvent = Event<typeof schema.stepEvent>;
/** A pass over a held-out split after `step` steps. */
export type EvalEvent = Event<typeof schema.evalEvent>;
/** Update statistics of one step. */
export type ProbeEvent = Event<typeof schema.probeEvent>;
/** Loss along the straight line between two sets of weights. */
export type PathEvent = Event<typeof schema.pathEvent>;
/** Rise of the validation loss around the weights at a cycle's end. */
export type SharpnessEvent = Event<typeof schema.sharpnessEvent>;
/** Largest eigenvalue of the Hessian of the training loss between two steps. */
export type HessianEvent = Event<typeof schema.hessianEvent>;
export type EndedEvent = Event<typeof schema.endedEvent>;

type Event<S extends z.ZodType> = Frozen<z.output<S>>;
