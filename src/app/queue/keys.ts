/** Names in Redis. BullMQ keeps its own below the same prefix: `lr-lab:<queue>:…`. */
export const PREFIX = "lr-lab";

/** Queues that sessions and workers use, by name: the conditions of their runs as JSON. */
export const QUEUES = `${PREFIX}:queues`;
/** Workers by name: what each announces, as JSON. */
export const WORKERS = `${PREFIX}:workers`;
/** Digests of data sets that a worker lacks, scored by the time at which one asked. */
export const WANTED = `${PREFIX}:wanted`;

/** The three keys of a run. */
export interface RunKeys {
  /** Hash: `fence`, `seq`, `step`, `total`, `starts`, `worker`, `checkpoint`, `previous`, `start`, `done`. */
  readonly state: string;
  /** Stream: what the run reported, in order; entry `n-0` is the n-th. */
  readonly log: string;
  /** Hash: parts of files by `<file>/<SHA-256>`. */
  readonly parts: string;
}

export function runKeys(id: string): RunKeys {
  const state = `${PREFIX}:run:${id}`;
  return { state, log: `${state}:log`, parts: `${state}:parts` };
}

/** Hash of a data set's parts by their SHA-256, with its description as `about`. */
export function dataKey(digest: string): string {
  return `${PREFIX}:data:${digest}`;
}

/** Seconds for which a run's keys are kept after the last word about it. */
export const KEEP_S = 7 * 24 * 3600;
/** Seconds for which they are kept after a session has written everything to its folder. */
export const COLLECTED_KEEP_S = 3600;
/** Seconds for which a data set is kept after it was last read. */
export const DATA_KEEP_S = 24 * 3600;
