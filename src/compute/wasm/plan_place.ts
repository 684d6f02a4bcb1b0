import type { Scratch } from "./convolution.ts";
import type { Fused } from "./fuse.ts";
import type { Arena, Plane } from "./plane.ts";
import type { Slot, Stage } from "./stages.ts";

/** Areas that layers use one after another. */
export interface PlanScratch extends Scratch {
  /** `attentionFloats` floats. */
  readonly attention: number;
}

/** The memory and variables that a plan is laid out in. */
export interface Room {
  readonly arena: Arena;
  readonly batch: number;
  readonly scratch: PlanScratch;
  /** Seed of the dropout masks. */
  readonly dropoutSeed: number;
  readonly slot: (name: string) => Slot;
}

/** Planes around a layer, or around several. */
export interface Ends {
  /** In the margins that the first layer wants: see `wantedMargins`. */
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  /** `null` where nobody needs the gradient of the input. */
  readonly inGradient: Plane | null;
}

/** Where a layer lies. */
export interface Place extends Room, Ends {}

/** Kinds of layers that have kernels, or could. */
export type Kind = Fused["layer"]["kind"];
/** Builds the stage of a layer of one kind. */
export type Builder<K extends Kind> = (
  layer: Extract<Fused["layer"], { readonly kind: K }>,
  at: { readonly fused: readonly Fused[]; readonly index: number; readonly current: Fused },
  place: Place,
) => Stage;

/** Builders by the layer's kind. */
export type Builders = { readonly [K in Kind]?: Builder<K> };
