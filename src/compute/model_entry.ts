import type { LabelUnit } from "#train/data.ts";
import type { Layer, Model } from "./model.ts";

/** A model that a spec can name. */
export interface ModelEntry {
  readonly doc: string;
  /** The unit that it gives logits for; absent: the image. */
  readonly labelUnit?: LabelUnit;
  /** Height and width must be multiples of it; absent is 1. */
  readonly multiple?: number;
  build(input: Model["input"], classes: number): Layer[];
}
