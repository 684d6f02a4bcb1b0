import type { Schedule } from "#schedules/schedule.ts";
import { callsBefore, continuations, fitting, isNear, short } from "../case.ts";
import type { Defect } from "./entry.ts";
import { explained, firstOf } from "./explained.ts";

/** More processes or accumulated batches than anybody has. */
const MOST_TIMES = 1024;
const MOST_SLOWER = 128;

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
