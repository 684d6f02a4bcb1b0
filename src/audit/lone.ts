import type { Found } from "./families/found.ts";
import type { Metric } from "./case.ts";
import type { RateLog } from "./log.ts";

/** A log without a plan: what was recognised in it, and what is known of its run. */
export interface Lone {
  readonly log: RateLog;
  readonly found: Found & {
    /** The first logged step at which the rate is below a millionth of its highest before; `null` for none. */
    readonly collapsesAt: number | null;
  };
  /** Updates in the whole run; `null` where nobody said. */
  readonly total: number | null;
  readonly stepsPerEpoch: number | null;
  /** The watched metric; `null` where nobody named one. */
  readonly metric: Metric | null;
  /** The place at which the recognised schedule goes on elsewhere; `null` for none. */
  readonly resume: {
    readonly from: number;
    readonly lost: number;
    readonly isFromStart: boolean;
    /** True where the schedule had come to its end before, so that it may be a cycle that begins again. */
    readonly isPastEnd: boolean;
  } | null;
}

/** A defect in a log without a plan. */
export interface Suspicion {
  /** `named`: nothing else gives such rates. `suspected`: a schedule that was meant so would give them too. */
  readonly certainty: "named" | "suspected";
  readonly what: string;
  /** The option of the command that would decide it; `null` where it is decided. */
  readonly needs: string | null;
}
