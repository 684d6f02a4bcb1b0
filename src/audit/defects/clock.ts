import type { Schedule } from "#schedules/schedule.ts";
import { callsBefore, continuations, type Explanation, fitting, isNear, short } from "../case.ts";
import type { Defect } from "./entry.ts";

/** More processes or accumulated batches than anybody has. */
const MOST_TIMES = 1024;
const MOST_SLOWER = 128;

/** Lengths are the same within this part: a line to a small rate looks like a longer one to 0. */
const SAME_LENGTH = 0.03;

const explained = (rate: Schedule | null, what: string): Explanation | null =>
  rate === null ? null : { what, rate };

/** The first of some accounts that holds. */
function firstOf<T>(items: Iterable<T>, account: (item: T) => Explanation | null): Explanation | null {
  for (const item of items) {
    const found = account(item);
    if (found !== null) return found;
  }
  return null;
}

function* factors(most: number): Generator<number> {
  for (let times = 2; times <= Math.min(MOST_TIMES, most); times++) yield times;
}

export const nextRate: Defect = {
  code: "next-rate",
  title: "each step shows the rate of the next one",
  threads: ["huggingface/transformers#35942", "huggingface/transformers#28124", "STVIR/pysot#424"],
  mend: {
    PyTorch:
      'log(optimizer.param_groups[0]["lr"]); optimizer.step(); scheduler.step()  # in this order, so that no rate is skipped',
    transformers:
      "Trainer of 4.51 and later logs the rate that was used; before, read each rate as that of the step after",
  },
  against: (given) => {
    const { plan } = given;
    return explained(
      fitting(given, (t) => plan.rate(t + 1)),
      "Each logged rate is the one planned for the next step: the log is written after scheduler.step(), which is " +
        "harmless, or scheduler.step() comes before optimizer.step(), which skips the first rate.",
    );
  },
  alone: ({ found }) =>
    found.offset === 1
      ? {
        certainty: "named",
        what: "The curve begins one step into itself: step 0 shows the second rate.",
        needs: null,
      }
      : null,
};

export const lateRate: Defect = {
  code: "late-rate",
  title: "the rate is one step late",
  threads: ["pytorch/pytorch#40492"],
  mend: { PyTorch: "call scheduler.step() after every optimizer.step(), the first one too" },
  against: (given) => {
    if (given.log.mayCountFromOne) return null;
    const { plan } = given;
    return explained(
      fitting(given, (t) => plan.rate(Math.max(0, t - 1))),
      "Each logged rate is the one planned for the step before: the first call of scheduler.step() is missing.",
    );
  },
};

export const neverStepped: Defect = {
  code: "never-stepped",
  title: "the rate never moves",
  threads: [
    "Lightning-AI/pytorch-lightning#18570",
    "Lightning-AI/pytorch-lightning#3869",
    "open-mmlab/mmpretrain#938",
  ],
  mend: {
    PyTorch: "optimizer.step(); scheduler.step()",
    Lightning:
      'return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}',
  },
  against: ({ log, plan }) => {
    const [first] = log.rates;
    const start = plan.rate(log.steps[0]!);
    // A constant rate that was meant is none that never moves.
    if (log.steps.every((step) => plan.rate(step) === start)) return null;
    if (log.steps.length < 2 || !log.rates.every((_, i) => isNear(log, i, first!))) return null;
    return {
      what: `The rate is ${
        short(first!)
      } at every logged step: the scheduler is never called, or another optimizer's.`,
      rate: () => first!,
    };
  },
  alone: ({ found }) =>
    found.family === "constant"
      ? {
        certainty: "suspected",
        what: found.rate(0) === 0
          ? "The rate is 0 at every step: nothing is trained, unless these weights are meant to stay."
          : "The rate is the same at every step: a constant schedule, or a scheduler that is never called.",
        needs: "--plan",
      }
      : null,
};

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
    if (held !== stepsPerEpoch && log.every < stepsPerEpoch) return null;
    if (isRising && log.steps.at(-1)! + log.every + 1 >= total) {
      return {
        certainty: held > 1 ? "named" : "suspected",
        what: `The rate moves once in ${stepsPerEpoch} steps, and its warmup is not over when the run is.`,
        needs: held > 1 ? null : "--plan",
      };
    }
    // A schedule made for as many calls as the run has steps.
    const calls = end === null ? 0 : end / stepsPerEpoch;
    return Math.abs(calls - total) <= SAME_LENGTH * total
      ? {
        certainty: "named",
        what:
          `The schedule is about ${
            Math.round(calls)
          } calls long, as many as the run has steps, and is called once in ` +
          `${stepsPerEpoch} steps.`,
        needs: null,
      }
      : null;
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
  alone: ({ found, total, stepsPerEpoch }) => {
    if (total === null || stepsPerEpoch === null || found.held > 1) return null;
    const epochs = total / stepsPerEpoch;
    if (found.end !== null && epochs >= 3 && stepsPerEpoch >= 2 && Math.abs(found.end - epochs) <= 1) {
      return {
        certainty: "named",
        what: `The schedule is ${Math.round(found.end)} steps long: as many as the run has epochs.`,
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

export const tooFast: Defect = {
  code: "too-fast",
  title: "the scheduler runs several times too fast",
  threads: [
    "huggingface/accelerate#2926",
    "huggingface/accelerate#963",
    "huggingface/diffusers#3954",
    "Lightricks/LTX-Video-Trainer#67",
  ],
  mend: {
    accelerate:
      "get_scheduler(…, num_training_steps=max_train_steps * accelerator.num_processes)  # a prepared scheduler steps once a process",
    PyTorch: "if accelerator.sync_gradients: scheduler.step()  # once an update, not once a batch",
  },
  against: (given) => {
    const { plan, total } = given;
    return firstOf(factors(total / plan.unit), (times) =>
      firstOf(continuations(plan), (after) =>
        explained(
          fitting(given, (t) => after(times * callsBefore(plan, t))),
          `The schedule runs ${times} times as fast as planned: called once for each of ${times} processes or accumulated batches.`,
        )));
  },
};

export const tooSlow: Defect = {
  code: "too-slow",
  title: "the scheduler runs several times too slowly",
  threads: ["huggingface/diffusers#2632", "huggingface/diffusers#4387", "huggingface/accelerate#1160"],
  mend: {
    accelerate:
      "get_scheduler(…, num_training_steps=max_train_steps)  # not times gradient_accumulation_steps, where a prepared scheduler skips accumulated batches",
    PyTorch:
      "call scheduler.step() once for every optimizer.step(), and give the schedule the number of these",
  },
  against: (given) => {
    const { plan } = given;
    const { warmup, end } = plan;
    // A flat log fits every length: then none is named here.
    const isOpen = (make: (calls: number) => Schedule | null) => {
      const far = make(1e6 * end!);
      return far !== null && fitting(given, (t) => far(callsBefore(plan, t))) !== null;
    };
    const makers = end === null ? [] : plan.withEnd.filter((make) => !isOpen(make));
    return firstOf(factors(MOST_SLOWER), (times) => {
      const clocks: (Schedule | null)[] = [
        (calls) => plan.after(Math.floor(calls / times)),
        (calls) => plan.after(calls / times),
        ...makers.flatMap((make) => [make(times * end!), make(warmup + times * (end! - warmup))]),
      ];
      return firstOf(clocks, (clock) =>
        clock === null ? null : explained(
          fitting(given, (t) => clock(callsBefore(plan, t))),
          `The schedule runs ${times} times as slowly as planned: its length was multiplied by ${times} processes or ` +
            "accumulated batches, or it is called once in as many updates.",
        ));
    });
  },
};
