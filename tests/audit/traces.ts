import { type Audit, audit } from "#audit/audit.ts";
import { rateLog } from "#audit/log.ts";
import { planOf } from "#audit/plan.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** A trace of `traces.py`. */
export interface Trace {
  readonly id: string;
  readonly framework: string;
  readonly family: string;
  /** Code of the planted defect; empty for none. */
  readonly defect: string;
  readonly planted: Readonly<Record<string, unknown>>;
  /** True for the third that was kept aside while the audit was built. */
  readonly aside: boolean;
  /** The schedule that was meant. */
  readonly spec: ScheduleSpec;
  readonly total: number;
  readonly steps_per_epoch: number;
  readonly precision: string;
  readonly first: number;
  readonly every: number;
  readonly rates: readonly number[];
  readonly metric?: readonly number[];
}

/** All traces of a file, or those kept aside, or the others. */
export function readTraces(
  part: "all" | "aside" | "seen",
  file: string | URL = new URL("traces.json", import.meta.url),
): Trace[] {
  const text = Deno.readTextFileSync(file);
  const { traces } = JSON.parse(text) as { readonly traces: Trace[] };
  return traces.filter(({ aside }) => part === "all" || aside === (part === "aside"));
}

/** The audit of a trace, with the schedule that was meant or without. */
export function auditOf(trace: Trace, withPlan: boolean): Audit {
  const { rates, first, every, total, steps_per_epoch, metric } = trace;
  const shape = { totalSteps: total, stepsPerEpoch: steps_per_epoch };
  return audit(rateLog(rates.map((rate, i) => ({ step: first + i * every, rate }))), {
    plan: withPlan ? planOf(trace.spec, shape) : null,
    total,
    stepsPerEpoch: steps_per_epoch,
    metric: metric === undefined
      ? null
      : metric.map((value, epoch) => ({ step: (epoch + 1) * steps_per_epoch - 1, value })),
  });
}

/** What a log says of the defect that was planted in it. */
export const OUTCOMES = [
  "named",
  /** Among what the audit suspects, with what would decide it: its verdict is "cannot tell". */
  "named as possible",
  /** Nothing to see: one schedule of the catalogue gives every logged rate, and may have been meant. */
  "another schedule",
  "another name",
  "not seen",
] as const;
export type Outcome = typeof OUTCOMES[number];

/** The outcome for a trace with a defect. */
export function outcomeOf(
  { defect }: Trace,
  { verdict, defects, suspicions, found, planned }: Audit,
): Outcome {
  if (verdict === "defect") return defects[0]!.defect.code === defect ? "named" : "another name";
  if (suspicions.some((one) => one.defect.code === defect)) return "named as possible";
  // A schedule that was recognised across a break raises a suspicion of a resume.
  const isWhole = planned === null && found !== null &&
    !suspicions.some((one) => one.defect.code.startsWith("resumed"));
  return isWhole ? "another schedule" : "not seen";
}

/** Defects by which one schedule turns into another that may be meant: a log alone can only suspect them. */
const OF_MEANING: readonly string[] = [
  "next-rate",
  "rate-scaled",
  "never-stepped",
  "too-fast",
  "too-slow",
  "ends-before-run",
  "plateau-never-fired",
  "plateau-on-noise",
];
/** Schedules without an end, which look the same on another clock. */
const ENDLESS =
  /^(step|step per update|multistep|exponential|exponential per update|warm restarts|triangle|constant with warmup|inverse square root|noam)$/;

/** True for a trace whose kind of defect no log can show without the schedule that was meant. */
export const needsPlan = ({ defect, family }: Trace): boolean =>
  OF_MEANING.includes(defect) || defect === "per-epoch-not-per-step" && ENDLESS.test(family);

/** The answer as a column of the table: a code, `clean`, `open`, or `suspected` where the planted defect is suspected. */
export function answerOf(trace: Trace, { verdict, defects, suspicions }: Audit): string {
  if (verdict === "defect") return defects[0]!.defect.code;
  if (suspicions.some(({ defect }) => defect.code === trace.defect)) return "suspected";
  return verdict;
}
