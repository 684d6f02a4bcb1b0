import type { Case, Explanation } from "../case.ts";
import type { Lone, Suspicion } from "../lone.ts";

/** Everything about one defect of applied rates. */
export interface Defect {
  /** Stable name. */
  readonly code: string;
  /** The defect in one clause, as a headline begins. */
  readonly title: string;
  /** Threads in which others met it: `owner/repository#number` on GitHub. */
  readonly threads: readonly string[];
  /** The line that mends it, by framework; the first is shown first. */
  readonly mend: Readonly<Record<string, string>>;
  /** The account of a log that parts from its plan, or `null`. */
  against?(given: Case): Explanation | null;
  /** The same for a log without a plan, from what was recognised in it. */
  alone?(given: Lone): Suspicion | null;
}
