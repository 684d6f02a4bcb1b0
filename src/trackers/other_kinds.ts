import { textOf } from "./text.ts";

/** Kinds of files that people name by mistake, by their first bytes (Latin-1), with what to name instead. */
const KINDS: readonly (readonly [begins: string, is: string])[] = [
  ["\x1f\x8b", "it is a gzip archive; unpack it and name what is in it"],
  [
    "PK\x03\x04",
    "it is a zip archive, as PyTorch's checkpoints are too; unpack it, or name the log beside it",
  ],
  ["BZh", "it is a bzip2 archive; unpack it and name what is in it"],
  ["\xfd7zXZ", "it is an xz archive; unpack it and name what is in it"],
  ["\x28\xb5\x2f\xfd", "it is a zstd archive; unpack it and name what is in it"],
  ["SQLite format 3", "it is an SQLite database; export its metrics as CSV"],
  [":W&B", "it is W&B's own log of a run; export its history as CSV"],
  ["\x89HDF", "it is an HDF5 file; name the log of the run"],
  ["PAR1", "it is a Parquet file; export it as CSV"],
  ["\x80\x02", "it is a Python pickle; save the history as JSON"],
  ["\x80\x04", "it is a Python pickle; save the history as JSON"],
  ["\x80\x05", "it is a Python pickle; save the history as JSON"],
  ["\x93NUMPY", "it is a NumPy array; save the history as CSV or JSON"],
  ["\x89PNG", "it is a picture; name the log that it was drawn from"],
  ["\xff\xd8\xff", "it is a picture; name the log that it was drawn from"],
  ["%PDF", "it is a PDF; name the log that it was made from"],
  ["\xff\xfe", "it is UTF-16; save it as UTF-8"],
  ["\xfe\xff", "it is UTF-16; save it as UTF-8"],
  ["<", "it is HTML or XML; export the metrics as CSV"],
];

/** A clause about a file of no known format. */
export function otherKind(head: Uint8Array): string {
  const found = KINDS.find(([begins]) => [...begins].every((char, i) => head[i] === char.charCodeAt(0)));
  if (found) return found[1];
  const text = textOf(head);
  if (text === null) return "it holds binary data of no known kind";
  if (/^\s*[[{]/.test(text)) {
    return "it is JSON, but neither a list of rows, nor columns of numbers, nor does it have log_history";
  }
  return "it is text without a header of two columns or more";
}
