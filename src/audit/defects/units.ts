import { continuations, fitting, short } from "../case.ts";
import type { Lone, Suspicion } from "../lone.ts";
import type { Defect } from "./entry.ts";
import { explained, firstOf } from "./explained.ts";

/** Lengths are the same within this part: a line to a small rate looks like a longer one to 0. */
const SAME_LENGTH = 0.03;
/** The same where a rate is held for an epoch, and the whole of a run shows one part in as many of the schedule. */
const HELD_LENGTH = 0.25;
/** A part of its first rate to which no exponential is meant to fall. */
const GONE_BY_THE_END = 1e-6;
/** A whole run in which the rate stays above this part of its highest. */
const HARDLY = 0.9;
/** Of a run, the part in which a schedule that is over has no business to be. */
const EARLY = 1 / 4;

/** A rate that falls a little, in many steps: a schedule of another clock, unless it is one that is meant to be so slow. */
function hardlyMoves(
  { log, found, total, stepsPerEpoch }: Pick<Lone, "log" | "found"> & {
    readonly total: number;
    readonly stepsPerEpoch: number;
  },
): Suspicion | null {
  const [first, last] = [log.rates[0]!, log.rates.at(-1)!];
  const moves = log.rates.filter((rate, i) => i > 0 && rate < log.rates[i - 1]! - log.tolerances[i]!).length;
  const isWhole = log.steps.at(-1)! + log.every + 1 >= total && total >= 3 * stepsPerEpoch;
  if (!isWhole || moves < 3 || !(last > HARDLY * first) || log.rates.some((rate) => rate > first)) {
    return null;
  }
  if (found.end !== null && found.end <= 2 * total) return null;
  return {
    certainty: "suspected",
    what:
      `The rate falls by ${
        short(100 * (1 - last / first))
      } % in the whole run: as of a schedule in steps that is ` +
      "called once an epoch.",
    needs: "--plan",
  };
}

/** A rate that falls for the last time within as many steps as the run has epochs, and is the same for the rest of it. */
function overEarly(
  { steps, rates, tolerances }: Lone["log"],
  { total, epochs }: { readonly total: number; readonly epochs: number },
): Suspicion | null {
  const at = rates.findLastIndex((rate, i) =>
    i > 0 && Math.abs(rate - rates[i - 1]!) > tolerances[i]! + tolerances[i - 1]!
  );
  if (at < 1 || !(rates[at]! < rates[at - 1]!) || epochs < 3) return null;
  // The last change lies between two logged steps.
  if (steps[at - 1]! > epochs || steps[at]! < epochs / 4 || steps[at]! > EARLY * total) return null;
  if (steps.at(-1)! < total / 2) return null;
  return {
    certainty: "named",
    what:
      `The rate falls for the last time by step ${
        steps[at]
      } of ${total}, within as many steps as the run has epochs ` +
      `(${short(epochs)}): its lengths were meant in epochs.`,
    needs: null,
  };
}

export const perEpochNotPerStep: Defect = {
  code: "per-epoch-not-per-step",
  title: "the scheduler is called once an epoch, not once a step",
  threads: [
    "pytorch/pytorch#65417",
    "Lightning-AI/pytorch-lightning#20436",
    "Lightning-AI/pytorch-lightning#4929",
    "ageron/handson-mlp#28",
  ],
  mend: {
    PyTorch: "optimizer.step(); scheduler.step()  # in the loop over batches",
    Lightning: '"lr_scheduler": {"scheduler": scheduler, "interval": "step"}',
  },
  against: (given) => {
    const { plan, stepsPerEpoch } = given;
    if (plan.unit > 1 || stepsPerEpoch === null || stepsPerEpoch < 2) return null;
    return explained(
      fitting(given, (t) => plan.after(Math.floor(t / stepsPerEpoch))),
      `The rate moves once in ${stepsPerEpoch} steps, an epoch, where the plan moves it at each step.`,
    );
  },
  alone: ({ log, found, total, stepsPerEpoch }) => {
    const { held, end, isRising } = found;
    // A log with a point an epoch does not show that rates are held.
    if (stepsPerEpoch === null || stepsPerEpoch < 2 || total === null) return null;
    const slow = () => hardlyMoves({ log, found, total, stepsPerEpoch });
    if (held !== stepsPerEpoch && log.every < stepsPerEpoch) return slow();
    if (isRising && log.steps.at(-1)! + log.every + 1 >= total) {
      return {
        certainty: held > 1 ? "named" : "suspected",
        what: `The rate moves once in ${stepsPerEpoch} steps, and its warmup is not over when the run is.`,
        needs: held > 1 ? null : "--plan",
      };
    }
    // A schedule made for as many calls as the run has steps; a descent of which little shows has no sharp length.
    const calls = end === null ? 0 : end / stepsPerEpoch;
    const near = held === stepsPerEpoch ? HELD_LENGTH : SAME_LENGTH;
    if (Math.abs(calls - total) > near * total) return slow();
    return {
      certainty: "named",
      what:
        `The schedule is about ${
          Math.round(calls)
        } calls long, as many as the run has steps, and is called once in ` +
        `${stepsPerEpoch} steps.`,
      needs: null,
    };
  },
};

export const perStepNotPerEpoch: Defect = {
  code: "per-step-not-per-epoch",
  title: "the scheduler is called once a step, not once an epoch",
  threads: [
    "leftthomas/SRGAN#94",
    "crowsonkb/k-diffusion#50",
    "pytorch/tutorials#640",
    "ivadomed/ivadomed#55",
  ],
  mend: {
    PyTorch: "scheduler.step()  # in the loop over epochs, outside of the loop over batches",
    Lightning: '"lr_scheduler": {"scheduler": scheduler, "interval": "epoch"}',
  },
  against: (given) => {
    const { plan, stepsPerEpoch } = given;
    if (!plan.isInEpochs || stepsPerEpoch === null || stepsPerEpoch < 2) return null;
    const times = stepsPerEpoch / plan.unit;
    const clock = times === 1 ? (t: number) => t : (t: number) => t * times;
    return firstOf(continuations(plan), (after) =>
      explained(
        fitting(given, (t) => after(clock(t))),
        `The rate moves at each step where the plan moves it once in ${stepsPerEpoch} steps, an epoch.`,
      ));
  },
  alone: ({ log, found, total, stepsPerEpoch }) => {
    if (total === null || stepsPerEpoch === null || found.held > 1) return null;
    const epochs = total / stepsPerEpoch;
    if (found.end !== null && epochs >= 3 && stepsPerEpoch >= 2 && Math.abs(found.end - epochs) <= 1) {
      return {
        certainty: "named",
        what: `The schedule is ${Math.round(found.end)} steps long: as many as the run has epochs.`,
        needs: null,
      };
    }
    const early = overEarly(log, { total, epochs });
    if (early !== null) return early;
    const { gamma } = found.parameters;
    if (
      found.family === "exponential" && gamma! ** total < GONE_BY_THE_END && gamma! ** epochs > 1e-3 &&
      gamma! ** epochs < 0.5 && epochs >= 3
    ) {
      return {
        certainty: "named",
        what:
          `The rate falls to ${short(gamma! ** total)} of its start, by ${
            short(gamma!)
          } at each of ${total} steps: ` +
          `once an epoch it would fall to ${short(gamma! ** epochs)}.`,
        needs: null,
      };
    }
    if (found.collapsesAt === null || found.collapsesAt > total / 3) return null;
    return {
      certainty: "named",
      what: `The rate has fallen to a millionth of its start by step ${found.collapsesAt} of ${total}: ` +
        "its period was meant in epochs.",
      needs: null,
    };
  },
};
