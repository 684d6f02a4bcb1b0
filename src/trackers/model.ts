/** Files of experiment trackers and training frameworks, as one stream of records. */

/** Steps as the file counts them; `row`: the file has none, and its rows are counted from 0. */
export type StepUnit = "step" | "epoch" | "row";

/** A value by which runs are grouped: seed, arm, batch size. */
export type Setting = string | number | boolean;
export type Settings = Readonly<Record<string, Setting>>;

/** Points of one series, in the file's order: `steps`, `wallTimes` and `values` are of one length. */
export interface PointsRecord {
  readonly kind: "points";
  /** Run within the file; `null` where the file is of one run and does not name it. */
  readonly run: string | null;
  /** Name of the series, as the file has it: `train/loss`. */
  readonly tag: string;
  readonly unit: StepUnit;
  readonly steps: Float64Array;
  /** Unix time in seconds; NaN where the file has none. */
  readonly wallTimes: Float64Array;
  /** NaN and the infinities as they were written. */
  readonly values: Float64Array;
}

/** Settings (hyperparameters) that a file names for a run. */
export interface SettingsRecord {
  readonly kind: "settings";
  readonly run: string | null;
  readonly settings: Settings;
  /** The group that TensorBoard's hparams plugin averages the run into; `null` for none. */
  readonly group: string | null;
}

/** Training began again: points of the run from this step on, written before, are of steps that were lost. */
export interface RestartRecord {
  readonly kind: "restart";
  readonly run: string | null;
  readonly step: number;
}

/** A sentence about what could not be used. */
export interface NoteRecord {
  readonly kind: "note";
  readonly text: string;
}

export type TrackerRecord = PointsRecord | SettingsRecord | RestartRecord | NoteRecord;

/** A file whose bytes somebody else made. */
export interface TrackerFile {
  /** As messages name it. */
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Its first bytes: {@link HEAD_BYTES}, or all of a smaller file. */
  readonly head: Uint8Array;
  /** All bytes, from the first one on; a chunk may be used again by the next. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** Bytes at a file's start by which it is recognised. */
export const HEAD_BYTES = 65_536;

/** Takes a file's bytes piece by piece and puts records into an output. */
export interface Parser {
  /** @throws {TrackerError} for bytes that cannot be used. */
  push(chunk: Uint8Array): void;
  /** After the last byte: a cut tail is noted. */
  end(): void;
}

/** A file that cannot be used. The message names the file, the place in it, and what is allowed. */
export class TrackerError extends Error {
  override name = "TrackerError";
}
