import { OF_LOSSES_AND_TEXT } from "./claims/losses_and_text.ts";
import type { Rows } from "./claims/row.ts";
import { OF_SCHEDULES } from "./claims/schedules.ts";
import type { ArmClaim, TestedClaim, UntestedClaim } from "#study/claims.ts";

const ROWS: Rows = { ...OF_SCHEDULES, ...OF_LOSSES_AND_TEXT };

/** Against the baseline of a spec in this folder. */
const ARMS: readonly ArmClaim[] = [
  {
    claim: "More frequent restarts make up for small batches: of batch 4, twelve cycles end better than four",
    spec: "small batches",
    arm: "twelve cycles",
    expect: { kind: "higher" },
  },
  {
    claim: "Early training wants stability, the middle warm restarts, the end aggressive ones",
    spec: "pipelines",
    arm: "multi-stage",
    expect: { kind: "higher" },
  },
  {
    claim: "The three-phase pipeline of the guide (its rates, without its losses) beats one run as long",
    spec: "pipelines",
    arm: "competition",
    expect: { kind: "higher" },
  },
  {
    claim: "The three-phase pipeline with its changing losses, on masks, beats one run as long",
    spec: "mask pipeline",
    arm: "competition",
    expect: { kind: "higher" },
  },
];

/** Claims of courses, papers and guides that the lab tests, in the order of the exercises. */
export const TESTED_CLAIMS: readonly TestedClaim[] = [
  ...Object.entries(ROWS).flatMap(([exercise, rows]) =>
    rows.map(([claim, question, claims]) => ({
      claim,
      exercise: Number(exercise),
      question,
      claims: claims ?? "hypothesis",
    } as const))
  ),
  ...ARMS,
];

/** Claims that are left untested. */
export const UNTESTED_CLAIMS: readonly UntestedClaim[] = [
  {
    claim: "Fine-tuning wants rates 10 to 100 times smaller, linear decay and a short warmup",
    because: "needs a second data set to start from; a spec has one",
  },
  {
    claim: "SGDR helps even in short fine-tuning runs (BERT)",
    because: "needs a pretrained language model",
  },
  {
    claim: "Models after restarts lie in wider minima and generalise better for it",
    because: "sharpness is recorded, but depends on how weights are scaled: no verdict is drawn from it",
  },
  {
    claim: "Warmup of 10 % and a peak of 1e-4 to 5e-4 are right for BERT and GPT",
    because: "needs a language model of their size; exercise 10 trains a small one",
  },
  {
    claim: "Linear decay works well for PPO, a constant rate for SAC",
    because: "needs reinforcement learning",
  },
];
