import type { Parser } from "./model.ts";
import type { Output } from "./output.ts";

export type FormatName =
  | "tensorboard"
  | "lr-lab"
  | "trainer-state"
  | "keras-history"
  | "json"
  | "json-lines"
  | "csv";

/** A format of files. A new one is one file and an entry in `catalog.ts`. */
export interface Format {
  readonly name: FormatName;
  /** In a sentence: `TensorBoard event file`. */
  readonly label: string;
  /** True for a format that any table or list has: below a folder it takes a step or an epoch to be a log. */
  readonly isGeneral: boolean;
  /** True for a file that begins so; the name of the file is no evidence. */
  recognise(head: Uint8Array): boolean;
  parser(output: Output): Parser;
}
