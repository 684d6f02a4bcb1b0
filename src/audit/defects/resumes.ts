import { stepsText } from "#lib/duration.ts";
import type { Schedule } from "#schedules/schedule.ts";
import {
  basesOf,
  callsBefore,
  type Case,
  continuations,
  type Explanation,
  firstMisfit,
  isNear,
  short,
} from "../case.ts";
import type { Defect } from "./entry.ts";

/** Resumes in one log that are followed. */
const MOST_RESUMES = 20;
/** Steps at which the schedule may have begun again that are tried, and calls by which it may be off. */
const [MOST_STARTS, MOST_LOST] = [10_000, 200_000];
/** Points after a resume that have to fit, so that none is found by chance. */
const LEAST_POINTS = 3;

interface Resume {
  /** The last logged step before it, and the first one after it. */
  readonly before: number;
  readonly from: number;
  /** Calls of the scheduler that were lost; below 0 for calls too many. */
  readonly lost: number;
  readonly isFromStart: boolean;
  readonly rate: Schedule;
}

/** Every resume of a log whose schedule goes on somewhere else in its plan; `null` where that does not explain it. */
export function resumesOf({ log, plan }: Pick<Case, "log" | "plan">): readonly Resume[] | null {
  for (const base of basesOf(log)) {
    const update = (step: number) => Math.max(0, step - base);
    const planned: Schedule = (step) => plan.after(callsBefore(plan, update(step)));
    const found: Resume[] = [];
    let rate = planned;
    let at = firstMisfit(log, rate);
    while (at > 0 && at < log.steps.length && found.length < MOST_RESUMES) {
      const next = resumeAt(at, { log, plan, update });
      if (next === null) break;
      found.push(next);
      rate = next.rate;
      at = firstMisfit(log, rate, at);
    }
    if (found.length > 0 && at === log.steps.length) return found;
  }
  return null;
}

function resumeAt(
  at: number,
  { log, plan, update }: Pick<Case, "log" | "plan"> & { readonly update: (step: number) => number },
): Resume | null {
  const [before, first] = [update(log.steps[at - 1]!), update(log.steps[at]!)];
  const needed = Math.min(log.steps.length, at + LEAST_POINTS);
  let best: Resume | null = null;
  let reached = needed - 1;
  const offer = (lost: number, isFromStart: boolean, rate: Schedule) => {
    const end = firstMisfit(log, rate, at);
    const isBegun = isFromStart && isNear(log, at, plan.after(0)) && !isNear(log, at, log.rates[at - 1]!);
    if (end <= reached || !(isBegun || moves(at, end, log.rates))) return;
    [best, reached] = [{ before: log.steps[at - 1]!, from: log.steps[at]!, lost, isFromStart, rate }, end];
  };
  // 1. From the start, at any step between two logged ones; in a wide gap at some of them.
  const stride = Math.ceil((first - before) / MOST_STARTS);
  for (let start = first; start > before; start -= stride) {
    offer(
      callsBefore(plan, start),
      true,
      (step) => plan.after(callsBefore(plan, Math.max(0, update(step) - start))),
    );
  }
  if (best !== null) return best;
  // 2. At another call, the nearest first.
  const clocks = continuations(plan);
  const most = Math.min(MOST_LOST, Math.max(callsBefore(plan, first), plan.shape.totalSteps / plan.unit));
  for (let distance = 1; distance <= most && reached < log.steps.length; distance++) {
    for (const lost of [distance, -distance]) {
      for (const after of clocks) {
        offer(lost, false, (step) => after(Math.max(0, callsBefore(plan, update(step)) - lost)));
      }
    }
  }
  return best;
}

/** True where some rates are not all the same: equal ones fit too many places of a plan. */
const moves = (from: number, to: number, rates: readonly number[]): boolean =>
  rates.slice(from, to).some((rate) => rate !== rates[from]);

export const resumedFromStart: Defect = {
  code: "resumed-from-start",
  title: "the schedule begins again where the run was resumed",
  threads: ["aqlaboratory/openfold#181", "verl-project/verl#7953", "lightly-ai/lightly-train#301"],
  mend: {
    PyTorch:
      'scheduler.load_state_dict(checkpoint["scheduler"])  # after it was built, beside optimizer.load_state_dict',
    Lightning: "trainer.fit(model, ckpt_path=path)  # not load_from_checkpoint, which restores weights alone",
  },
  against: (given) => {
    const resumes = resumesOf(given);
    if (resumes === null || !resumes.some(({ isFromStart }) => isFromStart)) return null;
    const first = resumes.find(({ isFromStart }) => isFromStart)!;
    return {
      what:
        `Between the logged steps ${first.before} and ${first.from} the schedule begins again at its first rate.`,
      rate: joined(resumes, given),
    };
  },
  alone: ({ found, resume }) =>
    resume?.isFromStart
      ? {
        certainty: resume.isPastEnd ? "suspected" : "named",
        what: `At step ${resume.from} the schedule (${found.family}) begins again at its first rate, ${
          resume.isPastEnd ? "after its end: a cycle, or a resume" : "in mid-course"
        }.`,
        needs: resume.isPastEnd ? "--plan" : null,
      }
      : null,
};

export const resumedAtWrongStep: Defect = {
  code: "resumed-at-wrong-step",
  title: "the schedule goes on at another step where the run was resumed",
  threads: [
    "pytorch/pytorch#60265",
    "pytorch/pytorch#162591",
    "vllm-project/speculators#900",
    "pytorch/pytorch#65342",
  ],
  mend: {
    PyTorch:
      'optimizer.load_state_dict(checkpoint["optimizer"]); scheduler.load_state_dict(checkpoint["scheduler"])  # both, in this order after both are built',
    transformers: "trainer.train(resume_from_checkpoint=path)",
  },
  against: (given) => {
    const resumes = resumesOf(given);
    if (resumes !== null && resumes.every(({ isFromStart }) => !isFromStart)) {
      const [{ from, lost }] = resumes as readonly [Resume];
      const steps = Math.abs(lost * given.plan.unit);
      return {
        what: `From step ${from} on the schedule is ${stepsText(steps)} ${
          lost > 0 ? "behind" : "ahead of"
        } the run.`,
        rate: joined(resumes, given),
      };
    }
    return resetAt(given);
  },
  alone: ({ resume }) => {
    if (resume === null || resume.isFromStart) return null;
    const { from, lost } = resume;
    const what = lost === 0
      ? `From step ${from} on every rate is a multiple of the one before the break: the scheduler went on from the base rate.`
      : `From step ${from} on the schedule is ${Math.abs(lost)} steps ${
        lost > 0 ? "behind" : "ahead of"
      } the run.`;
    return resume.isPastEnd
      ? {
        certainty: "suspected",
        what: `${what} It had come to its end: a cycle, or a resume.`,
        needs: "--plan",
      }
      : { certainty: "named", what, needs: null };
  },
};

/** The rates of a run with resumes: each holds from its step on. */
function joined(resumes: readonly Resume[], { plan }: Pick<Case, "plan">): Schedule {
  return (step) => (resumes.findLast(({ from }) => from <= step)?.rate ?? plan.rate)(step);
}

/** The factor, above a minimum, between the planned rates from a point on and those that were logged. */
function timesAfter(
  { steps, rates, tolerances }: Case["log"],
  planned: Schedule,
  { at, low }: { readonly at: number; readonly low: number },
): number {
  let [product, square] = [0, 0];
  for (let i = at; i < steps.length; i++) {
    const [meant, weight] = [planned(steps[i]!) - low, tolerances[i]! ** -2];
    product += weight * meant * (rates[i]! - low);
    square += weight * meant * meant;
  }
  return product / square;
}

/** A rate that was set back when the run was resumed, and from there goes the planned way, as PyTorch's chained forms do. */
export function resetAt(given: Pick<Case, "log" | "plan">): Explanation | null {
  const { log, plan } = given;
  for (const base of basesOf(log)) {
    const planned: Schedule = (step) => plan.rate(Math.max(0, step - base));
    const at = firstMisfit(log, planned);
    if (at === 0 || at + LEAST_POINTS > log.steps.length) continue;
    const target = planned(log.steps[at]!);
    for (const low of new Set([0, plan.end === null ? 0 : plan.after(plan.end)])) {
      const times = timesAfter(log, planned, { at, low });
      if (!Number.isFinite(times)) continue;
      const rate: Schedule = (step) =>
        step < log.steps[at]! ? planned(step) : low + times * (planned(step) - low);
      if (firstMisfit(log, rate) === log.steps.length && !isNear(log, at, target)) {
        return {
          what:
            `From step ${log.steps[at]} on the rate is ${
              short(log.rates[at]! / target)
            } times the planned one: ` +
            "the optimizer was new, so that the scheduler went on from the base rate.",
          rate,
        };
      }
    }
  }
  return null;
}
