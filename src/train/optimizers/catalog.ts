import { adam } from "./adam.ts";
import { adamw } from "./adamw.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

/** Every optimizer that a spec can name, in the order of messages and docs. */
export const OPTIMIZERS = [
  sgd,
  adam,
  adamw,
  rmsprop,
] as const;
