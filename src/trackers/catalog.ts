import { csv } from "./csv/format.ts";
import type { Format } from "./format.ts";
import { kerasHistory } from "./json/keras_history.ts";
import { labEvents } from "./json/lab_events.ts";
import { jsonLines } from "./json/lines.ts";
import { jsonList } from "./json/list.ts";
import { trainerState } from "./json/trainer_state.ts";
import { TrackerError, type TrackerFile } from "./model.ts";
import { otherKind } from "./other_kinds.ts";
import { tensorboard } from "./tensorboard/format.ts";

/** Every format, in the order in which a file is tried: the narrow ones before those that hold anything. */
export const FORMATS: readonly Format[] = [
  tensorboard,
  trainerState,
  kerasHistory,
  labEvents,
  jsonLines,
  jsonList,
  csv,
];

/** The format of a file, by its first bytes; `null` for none of them. */
export function formatOf(head: Uint8Array): Format | null {
  return FORMATS.find(({ recognise }) => recognise(head)) ?? null;
}

/**
 * The same, where the file has to be of one.
 *
 * @throws {TrackerError} for an empty file, or one of another kind, with what it is and what is read.
 */
export function formatOfFile({ path, head, size }: Pick<TrackerFile, "path" | "head" | "size">): Format {
  if (size === 0) throw new TrackerError(`Cannot read ${path}: it is empty`);
  const format = formatOf(head);
  if (format !== null) return format;
  const labels = FORMATS.map(({ label }) => label).join(", ");
  throw new TrackerError(`Cannot read ${path}: ${otherKind(head)}. What is read: ${labels}`);
}
