/** Exit code of a shard that has more to train when others have ended: call it again. As `EX_TEMPFAIL` of sysexits.h. */
export const LATER = 75;
/** Time between looks for the runs of other shards. */
export const POLL_MS = 2000;
