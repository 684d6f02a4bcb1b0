import { ESCAPES } from "./escape_presets.ts";
import { type Preset, warmupCosine } from "./preset.ts";

/** Tokens that GPT warms up over, and tokens of one of its steps (512 sequences of 1024). */
const GPT_WARMUP_TOKENS = 375e6;
const GPT_TOKENS_PER_STEP = 512 * 1024;
const GPT_STEPS = 100_000;

/** Steps in which a model has seen so many tokens, rounded up: a warmup in tokens becomes one in steps. */
function stepsOfTokens(tokens: number, tokensPerStep: number): number {
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
  ...ESCAPES,
];

/** The preset of a name, or `undefined`. */
export const presetOf = (name: string): Preset | undefined => PRESETS.find((preset) => preset.name === name);
