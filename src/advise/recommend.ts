import { assertNever } from "#lib/assert_never.ts";
import { epochsText } from "#lib/duration.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type Answer, TREE } from "./answer.ts";
import { checkFacts, type Goal, type Task, type TrainingFacts } from "./facts.ts";
import { isMeasured, ranked, stable, straight, transformer } from "./measured.ts";

/** A schedule with its reasons. */
export interface Recommendation {
  readonly schedule: ScheduleSpec;
  /** The branch of the decision tree, and what fixed each number. */
  readonly why: readonly string[];
  readonly source: string;
}

/** The rate that each task starts from where none is known, and where that comes from. */
const USUAL: Readonly<Record<Task, readonly [number, string]>> = {
  cnn: [0.1, "0.1 is usual for SGD on a convolutional network"],
  transformer: [3e-4, "3e-4 is usual for AdamW on a transformer"],
  "fine-tuning": [1e-3, "fine-tuning takes 10 to 100 times less than training from scratch"],
  "policy-gradient": [3e-4, "3e-4 is usual for PPO and A2C"],
  "off-policy": [3e-4, "3e-4 is usual for SAC and TD3"],
};

const BY_TASK = "learning-rate-schedules.md, best practices by task";

/**
 * The decision tree of the overview, with the numbers of the best-practice tables; where the lab's own benchmark speaks
 * against a branch, what did better there.
 *
 * @throws {RangeError} for facts out of range: a run shorter than an epoch, drops outside the run or out of order.
 */
export function recommendSchedule(facts: TrainingFacts): Recommendation {
  checkFacts(facts);
  const [usual, reason] = USUAL[facts.task];
  const lr = facts.lr ?? usual;
  const rate = facts.lr === null ? `${reason}; a range test finds yours` : `${lr} is the rate that you gave`;
  const { schedule, because, source = TREE, more = [] } = BRANCHES[facts.goal](facts, lr);
  return { schedule, why: [because, rate, ...more], source };
}

/** With fewer epochs, each with its evaluation, a plateau of patience 1 never reduces the rate in time. */
const SHORTEST_PLATEAU = 5;
/** The most drops by a factor of 10 that leave a rate to train with. */
const MOST_DROPS = 4;
/** Cycles of an ensemble. */
const CYCLES = 5;

const BRANCHES: Readonly<Record<Goal, (facts: TrainingFacts, lr: number) => Answer>> = {
  unsure: ({ epochs, task }, lr) =>
    isMeasured(task) ? stable(lr) : epochs < SHORTEST_PLATEAU
      ? {
        schedule: { name: "linear", lr, duration: "100%" },
        because:
          `Unsure what will work, in ${
            epochsText(epochs)
          }: linear to 0, because so few evaluations cannot show ` +
          "that the loss stops falling.",
      }
      : {
        schedule: { name: "plateau", lr, factor: 0.1, patience: Math.max(1, Math.round(epochs / 10)) },
        because:
          "Unsure what will work: the safe default lowers the rate when the validation loss stops falling.",
        more: ["patience is a tenth of the run, so that a few reductions fit"],
      },
  fast: ({ epochs, task }, lr) =>
    isMeasured(task) ? straight(lr) : {
      schedule: { name: "one_cycle", max_lr: lr, duration: "100%" },
      because: epochs <= 20
        ? "As fast as possible in 5 to 20 epochs: one cycle."
        : "As fast as possible: one cycle, which is at its best in 5 to 20 epochs; a shorter run may do.",
      source: `${TREE}; Smith and Topin, 2017, arXiv:1708.07120`,
    },
  "known-drops": ({ drops, epochs, task }, lr) => ({
    ...dropsAt(drops, epochs, lr),
    more: isMeasured(task) ? [`cosine needs no drops: ${ranked("cosine", "step")}`] : [],
  }),
  explore: (_, lr) => ({
    schedule: {
      name: "cyclic",
      base_lr: tidy(lr / 100),
      max_lr: lr,
      step_size_up: "10%",
      step_size_down: "10%",
      mode: "triangular2",
    },
    because:
      "To explore a range of rates: a triangle wave up from a hundredth of the rate, halved each cycle.",
    source: `${TREE}; Smith, 2015, arXiv:1506.01186`,
  }),
  ensemble: ({ epochs }, lr) =>
    epochs === 1
      ? {
        schedule: { name: "cosine", lr, eta_min: tidy(lr / 1000), T_max: "100%" },
        because:
          "One epoch is too short for the cycles of an ensemble: cosine, and several runs with their own seeds.",
      }
      : {
        schedule: {
          name: "sgdr",
          lr,
          eta_min: tidy(lr / 1000),
          T_0: epochs < CYCLES ? "1 epoch" : `${100 / CYCLES}%`,
          inclusive_end: true,
          // Where the run is no multiple of the cycle, the limit keeps the last steps at the minimum.
          cycle_limit: Math.min(epochs, CYCLES),
        },
        because: `For an ensemble: ${
          Math.min(epochs, CYCLES)
        } equal cycles with warm restarts, a snapshot at the end of each.`,
        source: "sgdr.md; Huang et al., 2017, arXiv:1704.00109",
        more: ["the largest rate is 1000 times the smallest, as is usual for SGDR"],
      },
  escape: (_, lr) => ({
    schedule: { name: "aggressive_restart", lr: tidy(lr / 2), multiplier: 4 },
    because:
      "Stuck in a local minimum, resumed from a checkpoint: half the rate as the base, multiplied by 4 at the start of each epoch.",
    source: "local-minima-escape.md, parameter guidelines",
  }),
  best: ({ task, epochs }, lr) => bestFor(task, lr, epochs),
};

/** One drop again and again, or each at its place. */
function dropsAt(drops: readonly number[], epochs: number, lr: number): Answer {
  if (drops.length === 1 && drops[0]! * MOST_DROPS >= epochs) {
    return {
      schedule: { name: "step", lr, step_size: epochsText(drops[0]!), gamma: 0.1 },
      because: "One drop is known: step decay, which drops again after as many epochs.",
    };
  }
  return {
    schedule: { name: "multistep", lr, milestones: drops.map(epochsText), gamma: 0.1 },
    because: drops.length === 1
      ? "One early drop is known: multistep, because step decay would drop again and again until nothing is left."
      : "The epochs of several drops are known: multistep.",
  };
}

/** The last branches of the tree: what is trained decides. */
function bestFor(task: Task, lr: number, epochs: number): Answer {
  const source = `${TREE}; ${BY_TASK}`;
  const line: ScheduleSpec = { name: "linear", lr, duration: "100%" };
  switch (task) {
    case "cnn":
      return {
        schedule: { name: "cosine", lr, eta_min: tidy(lr / 1000), T_max: "100%" },
        because: "A convolutional network of today: cosine over the whole run.",
        source,
        more: [`as good as it: ${ranked("cosine", "linear", "WSD, linear")}`],
      };
    case "transformer":
      return transformer(lr, epochs);
    case "fine-tuning":
      return {
        schedule: line,
        because: "Fine-tuning: linear decay, without warmup or with a short one.",
        source,
      };
    case "policy-gradient":
      return { schedule: line, because: "PPO or A2C: linear to 0 often works well.", source };
    case "off-policy":
      return {
        schedule: { name: "constant", lr },
        because: "SAC or TD3: a constant rate is often enough.",
        source,
      };
    default:
      return assertNever(task);
  }
}

/** A rate without the rounding error of a division: 0.0003 / 10 is written 0.00003. */
const tidy = (rate: number): number => Number(rate.toPrecision(12));
