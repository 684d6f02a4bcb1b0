import type { Batch } from "#train/learner.ts";
import { cutBatch } from "../plain_batch.ts";
import type { ProcessGroup } from "./process_group.ts";

/** A variable, slot, count or average in a replica's memory. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The part of a step that a batch is. */
export interface Part {
  readonly first: boolean;
  readonly last: boolean;
  /** Images of the whole step. */
  readonly images: number;
  /** Place of the part's first image among them. */
  readonly start: number;
}

/** A batch that is the whole step. */
export function whole(batch: Batch): Part {
  return { first: true, last: true, images: batch.indices.length, start: 0 };
}

/** The images of a batch that a rank takes, and the place of the first: neighbours, as many for each rank as can be. */
export function ownPart(batch: Batch, group: ProcessGroup | null): { batch: Batch; from: number } {
  if (!group) return { batch, from: 0 };
  const { rank, size } = group;
  const total = batch.indices.length;
  const from = Math.ceil(total * rank / size);
  const to = Math.ceil(total * (rank + 1) / size);
  return { batch: cutBatch(batch, from, to), from };
}
