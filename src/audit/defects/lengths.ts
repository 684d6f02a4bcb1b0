import type { Schedule } from "#schedules/schedule.ts";
import { callsBefore, type Case, continuations, type Explanation, fitting, short } from "../case.ts";
import type { Defect } from "./entry.ts";
import { otherEnd, recognisedEnd } from "./other_end.ts";

/** A line that ends below this part of its peak is taken to end there. */
const LOW_END = 0.12;

/** A length near that of the run is no other length: frameworks count to the last step or past it. */
const isSame = (a: number, b: number) => Math.abs(a - b) <= 1;

const lengthThreads = ["CodefyUI/CodefyUI#205", "wandb/senpai#965", "A4Bio/PiFold#6"];

export const risesPastEnd: Defect = {
  code: "rises-past-end",
  title: "the rate rises again past the schedule's end",
  threads: ["kohya-ss/sd-scripts#601", "ivadomed/ivadomed#57", "Nerogar/OneTrainer#1604"],
  mend: {
    PyTorch:
      "CosineAnnealingLR(optimizer, T_max=total_steps)  # as many as scheduler.step() is called; past T_max it rises",
  },
  against: (given) => {
    const { plan, log } = given;
    if (plan.end !== null) {
      const [, wave] = continuations(plan);
      const rate = wave === undefined ? null : fitting(given, (t) => wave(callsBefore(plan, t)));
      if (rate !== null && callsBefore(plan, log.steps.at(-1)!) > plan.end) {
        return risen(plan.end, plan.unit, rate);
      }
    }
    const other = otherEnd(given);
    return other === null || !other.rises ? null : risen(other.end, plan.unit, other.rate);
  },
  alone: ({ found }) =>
    found.rises
      ? {
        certainty: "named",
        what: `The rate reaches its lowest value at step ${Math.round(found.end!)} and rises again.`,
        needs: null,
      }
      : null,
};

const risen = (end: number, unit: number, rate: Schedule): Explanation => ({
  what: `The descent is ${end * unit} steps long, and the rate rises again past its end.`,
  rate,
});

export const endsBeforeRun: Defect = {
  code: "ends-before-run",
  title: "the schedule ends before the run does",
  threads: ["A4Bio/PiFold#6", "vLAR-group/GrowSP#11", "RuiningLi/particulate#22"],
  mend: {
    PyTorch:
      "T_max=epochs * len(loader)  # or total_iters, total_steps: as many as scheduler.step() is called",
    transformers: "num_training_steps=num_epochs * math.ceil(len(loader) / accumulation)",
  },
  against: (given) => {
    const { plan, log, total } = given;
    if (plan.end !== null && total > plan.shape.totalSteps + plan.unit) {
      const rate = fitting(given, plan.rate);
      if (rate !== null) {
        return {
          what: `The plan ends after ${plan.shape.totalSteps} steps, and the run goes on to ${total}.`,
          rate,
        };
      }
    }
    const other = otherEnd(given) ?? recognisedEnd(given);
    if (other === null || plan.end === null || isSame(other.end, plan.end) || other.end > plan.end) {
      return null;
    }
    return {
      what: `The schedule is ${other.end * plan.unit} steps long, not ${plan.end * plan.unit}: ` +
        `the rest of the run has the rate ${short(log.rates.at(-1)!)}.`,
      rate: other.rate,
    };
  },
  alone: ({ found, total }) => {
    if (found.end === null || total === null || found.rises || found.end >= total - 1 - found.held) {
      return null;
    }
    return {
      certainty: "suspected",
      what: `The schedule ends after ${Math.round(found.end)} of ${total} steps${
        timesText(total / found.end)
      }.`,
      needs: "--plan",
    };
  },
};

/** A hint at what multiplied a length, where it is a whole number of times too long or too short. */
const timesText = (ratio: number): string => {
  const times = Math.round(ratio);
  return times >= 2 && Math.abs(ratio - times) < 0.01 * times
    ? `, ${PARTS[times] ?? `1/${times}`} of them: was it counted in other steps, or called once a process?`
    : "";
};
const PARTS: Readonly<Record<number, string>> = { 2: "half", 3: "a third", 4: "a quarter" };

export const minimumNotReached: Defect = {
  code: "minimum-not-reached",
  title: "the run ends before the schedule does",
  threads: [
    "huggingface/pytorch-image-models#2312",
    "ml-explore/mlx-examples#985",
    ...lengthThreads.slice(0, 2),
  ],
  mend: {
    PyTorch: "T_max=epochs * len(loader)  # the calls of scheduler.step() that the run makes",
    transformers: "num_training_steps=the optimizer steps that the run makes",
  },
  against: (given) => {
    const { plan, log, total } = given;
    if (plan.end !== null && total < plan.end * plan.unit - plan.unit) {
      const rate = fitting(given, plan.rate);
      if (rate !== null) {
        return {
          what: `The run ends after ${total} of the ${plan.end * plan.unit} planned steps, at ${
            short(log.rates.at(-1)!)
          }.`,
          rate,
        };
      }
    }
    const other = otherEnd(given) ?? recognisedEnd(given);
    if (other === null) return flatToTheEnd(given);
    if (plan.end === null || isSame(other.end, plan.end) || other.end < plan.end) return null;
    return {
      what: `The schedule is ${other.end * plan.unit} steps long, not ${plan.end * plan.unit}: ` +
        `the run ends at ${short(log.rates.at(-1)!)} and never reaches the minimum.`,
      rate: other.rate,
    };
  },
  alone: ({ found, total }) => {
    if (found.end === null || total === null || found.end <= total + found.held) return null;
    // A line to a tenth of its peak and one to 0 are the same line.
    if (found.family.includes("linear") && found.rate(total) <= LOW_END * found.rate(found.warmup)) {
      return null;
    }
    return {
      certainty: "named",
      what:
        `The schedule is ${
          Math.round(found.end)
        } steps long and the run ${total}: its last rates are never reached` +
        `${
          timesText(found.end / total) === ""
            ? ""
            : `; that is ${Math.round(found.end / total)} times too long, as ` +
              "where the length was multiplied by processes or accumulated batches"
        }.`,
      needs: null,
    };
  },
};

/** A log that ends before the descent begins: by how much the schedule is too long it does not show. */
function flatToTheEnd(given: Case): Explanation | null {
  const { plan, log } = given;
  for (const make of plan.withEnd) {
    const after = make(1e6 * plan.end!);
    const rate = after === null ? null : fitting(given, (t) => after(callsBefore(plan, t)));
    if (rate === null) continue;
    const what = `The planned descent does not begin: the run ends at ${short(log.rates.at(-1)!)}.`;
    return { what, rate };
  }
  return null;
}

export const warmupMisplaced: Defect = {
  code: "warmup-misplaced",
  title: "the warmup is counted inside instead of outside, or the reverse",
  threads: [
    "huggingface/pytorch-image-models#1242",
    "EleutherAI/gpt-neox#1008",
    "huggingface/transformers#4940",
  ],
  mend: {
    PyTorch:
      "SequentialLR(optimizer, [LinearLR(…, total_iters=warmup), CosineAnnealingLR(optimizer, T_max=total - warmup)], [warmup])",
    timm: "CosineLRScheduler(…, t_initial=total - warmup, warmup_t=warmup, warmup_prefix=True)",
    optax:
      "decay_steps of warmup_cosine_decay_schedule includes the warmup, Keras' decay_steps comes after it",
  },
  against: (given) => {
    const { plan } = given;
    for (const { after, isOnTop } of plan.otherWarmups) {
      const rate = fitting(given, (t) => after(callsBefore(plan, t)));
      if (rate !== null) {
        return {
          what: isOnTop
            ? `The descent is as long as the whole run and begins after the warmup, so it ends ${
              plan.warmup * plan.unit
            } steps too late.`
            : "What follows the warmup is counted from another step than planned: from the start of the run, or its end " +
              "moved by the warmup.",
          rate,
        };
      }
    }
    return null;
  },
  alone: ({ found, total }) => {
    if (found.jumpsAfterWarmup) {
      return {
        certainty: "suspected",
        what:
          `The rate falls at once where the warmup ends, at step ${found.warmup}: what follows is counted from step 0.`,
        needs: "--plan",
      };
    }
    if (total === null || found.end === null || found.warmup < 2 * found.held) return null;
    const descent = found.end - found.warmup;
    return Math.abs(descent - total) <= found.held && found.end > total + found.held
      ? {
        certainty: "named",
        what:
          `The descent is as long as the whole run (${
            Math.round(descent)
          } steps) and begins after the warmup, so it ` +
          `ends ${Math.round(found.end - total)} steps too late.`,
        needs: null,
      }
      : null;
  },
};
