import type { OptimizerChoice } from "#schedules/frameworks/optimizer.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** A schedule with the setup that it is known from. */
export interface Preset {
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  readonly schedule: ScheduleSpec;
  /** Length of the run that it is made for. */
  readonly duration: string;
  /** The usual optimizer of the task; a rate belongs to its optimizer. */
  readonly optimizer: OptimizerChoice;
  /** Bound on the gradient's norm that goes with it, or `null`. */
  readonly clipNorm: number | null;
  readonly why: string;
  readonly source: string;
}

/** Tokens that GPT warms up over, and tokens of one of its steps (512 sequences of 1024). */
const GPT_WARMUP_TOKENS = 375e6;
const GPT_TOKENS_PER_STEP = 512 * 1024;
const GPT_STEPS = 100_000;

/** Steps in which a model has seen so many tokens, rounded up: a warmup in tokens becomes one in steps. */
export function stepsOfTokens(tokens: number, tokensPerStep: number): number {
  if (!(Number.isFinite(tokens) && tokens >= 0 && Number.isFinite(tokensPerStep) && tokensPerStep > 0)) {
    throw new RangeError(
      `Cannot turn ${tokens} tokens into steps of ${tokensPerStep}: both must be finite, the tokens >= 0 and the ` +
        `tokens of a step > 0`,
    );
  }
  return Math.ceil(tokens / tokensPerStep);
}

const GPT_WARMUP = stepsOfTokens(GPT_WARMUP_TOKENS, GPT_TOKENS_PER_STEP);
const TASKS = "learning-rate-schedules.md, best practices by task";
const ESCAPE = "local-minima-escape.md, parameter guidelines";
const STAGES = "local-minima-escape.md, different training stages";

const warmupCosine = (duration: string, lr: number, eta_min: number, T_max: string): ScheduleSpec => ({
  name: "warmup",
  duration,
  then: { name: "cosine", lr, eta_min, T_max },
});
const escape = (lr: number, multiplier: number): ScheduleSpec => ({
  name: "aggressive_restart",
  lr,
  multiplier,
});

/** Setups by task and by stage of training, each with its source. */
export const PRESETS: readonly Preset[] = [
  {
    name: "resnet",
    summary: "ResNet on images: 0.1, divided by 10 at epochs 30, 60 and 90",
    schedule: { name: "multistep", lr: 0.1, milestones: ["30 epochs", "60 epochs", "90 epochs"], gamma: 0.1 },
    duration: "100 epochs",
    optimizer: { name: "sgd", momentum: 0.9, weight_decay: 1e-4 },
    clipNorm: null,
    why: "Each drop comes when the loss at the larger rate has flattened.",
    source: `${TASKS}; He et al., 2015, arXiv:1512.03385`,
  },
  {
    name: "vit",
    summary: "vision transformer: warmup of 10 epochs, then cosine from 3e-4",
    schedule: warmupCosine("10 epochs", 3e-4, 1e-6, "290 epochs"),
    duration: "300 epochs",
    optimizer: { name: "adamw", weight_decay: 0.05 },
    clipNorm: 1,
    why:
      "Attention is unstable while Adam's second moments are still empty; the cosine then uses the whole run.",
    source: `${TASKS}; Dosovitskiy et al., 2020, arXiv:2010.11929`,
  },
  {
    name: "bert",
    summary: "BERT pre-training: 10 % linear warmup to 1e-4, then linear decay to 0",
    schedule: { name: "warmup", duration: "10%", then: { name: "linear", lr: 1e-4, duration: "90%" } },
    duration: "10000 steps",
    optimizer: { name: "adamw", weight_decay: 0.01 },
    clipNorm: 1,
    why: "The ramp covers the time in which Adam's moments are estimated from too few gradients.",
    source: `${TASKS}; Devlin et al., 2018, arXiv:1810.04805`,
  },
  {
    name: "gpt",
    summary: "GPT pre-training: warmup over 375M tokens to 6e-4, then cosine to 10 % of it",
    schedule: warmupCosine(`${GPT_WARMUP} steps`, 6e-4, 6e-5, `${GPT_STEPS - GPT_WARMUP} steps`),
    duration: `${GPT_STEPS} steps`,
    optimizer: { name: "adamw", betas: [0.9, 0.95], weight_decay: 0.1 },
    clipNorm: 1,
    why: `375M tokens at ${GPT_TOKENS_PER_STEP} a step (512 sequences of 1024) are ${GPT_WARMUP} steps.`,
    source: `${TASKS}; Brown et al., 2020, arXiv:2005.14165`,
  },
  {
    name: "fine-tuning",
    summary: "transfer learning: a hundredth of the pre-training rate, short warmup, linear decay",
    schedule: {
      name: "warmup",
      duration: "5%",
      skip_zero: true,
      then: { name: "linear", lr: 1e-3, duration: "95%" },
    },
    duration: "10 epochs",
    optimizer: { name: "sgd", momentum: 0.9, weight_decay: 1e-4 },
    clipNorm: null,
    why:
      "10 to 100 times less than pre-training (0.1 for a ResNet), so that what was learned is not washed out.",
    source: TASKS,
  },
  {
    name: "bert-fine-tuning",
    summary: "fine-tuning BERT: 2e-5, linear decay over 3 epochs",
    schedule: { name: "linear", lr: 2e-5, duration: "3 epochs" },
    duration: "3 epochs",
    optimizer: { name: "adamw", weight_decay: 0.01 },
    clipNorm: 1,
    why: "2e-5 to 5e-5 for 2 to 4 epochs; so short a run needs no restart.",
    source: `${TASKS}; Devlin et al., 2018, arXiv:1810.04805`,
  },
  {
    name: "ppo",
    summary: "PPO and A2C: linear from 3e-4 to 0",
    schedule: { name: "linear", lr: 3e-4, duration: "100%" },
    duration: "10000 steps",
    optimizer: { name: "adam" },
    clipNorm: 0.5,
    why: "The data change with the policy; annealing to 0 lets both settle.",
    source: TASKS,
  },
  {
    name: "sac",
    summary: "SAC and TD3: constant 3e-4",
    schedule: { name: "constant", lr: 3e-4 },
    duration: "10000 steps",
    optimizer: { name: "adam" },
    clipNorm: null,
    why: "Off-policy data keep coming, so there is no end to anneal towards.",
    source: TASKS,
  },
  {
    name: "escape-fresh",
    summary: "escape from local minima, fresh training: 1e-4 × 2.5 every epoch",
    schedule: escape(1e-4, 2.5),
    duration: "60 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "Moderate exploration: a multiplier of 2 to 3.",
    source: ESCAPE,
  },
  {
    name: "escape-resume",
    summary: "escape, resumed from a checkpoint: 5e-5 × 4 every epoch",
    schedule: escape(5e-5, 4),
    duration: "60 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "A lower base and a higher multiplier (3 to 4): from 2e-4 down to 5e-8 in every epoch.",
    source: ESCAPE,
  },
  {
    name: "escape-desperate",
    summary: "escape, desperate: 3e-5 × 5 every epoch",
    schedule: escape(3e-5, 5),
    duration: "60 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "Maximum exploration: a multiplier of 4 to 6.",
    source: ESCAPE,
  },
  {
    name: "escape-fine-tuning",
    summary: "escape, fine-tuning: 1e-5 × 1.75 every epoch",
    schedule: escape(1e-5, 1.75),
    duration: "60 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "A gentle perturbation: a multiplier of 1.5 to 2.",
    source: ESCAPE,
  },
  {
    name: "stage-early",
    summary: "early in training (epochs 0 to 30): stability, warmup of 10 epochs to 1e-4",
    schedule: warmupCosine("10 epochs", 1e-4, 1e-6, "90 epochs"),
    duration: "100 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "First a stable descent; restarts would only undo it.",
    source: STAGES,
  },
  {
    name: "stage-middle",
    summary: "middle of training (epochs 30 to 70): exploration by warm restarts every 20 epochs",
    schedule: { name: "sgdr", lr: 1e-4, eta_min: 1e-6, T_0: "20 epochs" },
    duration: "80 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "Restarts add exploration once the first descent has flattened.",
    source: STAGES,
  },
  {
    name: "stage-late",
    summary: "late in training (from epoch 70 on): out of a local minimum by 5e-5 × 3 every epoch",
    schedule: escape(5e-5, 3),
    duration: "30 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "A jump every epoch, when nothing else moves the metric.",
    source: STAGES,
  },
];

/** The preset of a name, or `undefined`. */
export const presetOf = (name: string): Preset | undefined => PRESETS.find((preset) => preset.name === name);
