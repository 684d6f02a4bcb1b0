import type { ArmClaim, TestedClaim, UntestedClaim } from "#study/claims.ts";

/** A claim, the question that tests it, and `opposite` where the question's hypothesis says the contrary. */
type Row = readonly [claim: string, question: string, claims?: "opposite"];

/** By the number of the exercise. */
const ROWS: Readonly<Record<number, readonly Row[]>> = {
  1: [
    [
      "Step decay (×0.1) ends better than a constant rate, at the constant's tuned rate",
      "Does cutting the rate to a tenth at each drop end at a better test accuracy than the constant rate?",
    ],
    ["Step decay (×0.2) ends better, at the same rate", "And cutting it to a fifth?"],
    [
      "Step decay takes a higher initial rate than a constant",
      "Is it fair that both share the constant arm's rate, or does step decay gain from a rate of its own?",
    ],
    [
      "Step decay converges faster",
      "Does step decay converge faster: fewer steps to 95 % of the constant rate's final accuracy?",
    ],
    [
      "The factor matters: halving differs from cutting to a tenth by more than 2 points",
      "Challenge: how much does the factor matter? Halving at each drop against cutting to a tenth.",
      "opposite",
    ],
    [
      "Early drops end worse",
      "Challenge: how much do the milestones matter? Early drops against those of the exercise.",
    ],
  ],
  2: [
    [
      "Cosine annealing ends better than a constant rate",
      "Does cosine annealing end at a better test accuracy than the constant rate?",
    ],
    ["Cosine annealing is as good as step decay, within 2 points", "Is it better than step decay?"],
    [
      "Cosine annealing converges faster than a constant rate",
      "Does it converge faster than the constant rate?",
      "opposite",
    ],
    [
      "Cosine annealing takes a higher rate than a constant",
      "Does cosine gain from a rate tuned for it instead of the constant arm's?",
    ],
    ["A floor of 1e-6 instead of 0 matters", "Does a floor of 1e-6 instead of 0 matter?", "opposite"],
    [
      "Smooth descent is better because sharp drops disturb training",
      "Sharp against smooth: does the first drop of step decay lower the training loss at once?",
      "opposite",
    ],
    [
      "Warm restarts end better than one long cosine",
      "Challenge: do warm restarts end better than one long cosine?",
      "opposite",
    ],
    ["A restart throws the loss up, and it comes back", "Challenge: does a restart throw the loss back up?"],
  ],
  3: [
    [
      "Quadratic decay differs from linear by more than 2 points",
      "Does quadratic decay end at a different test accuracy than linear decay?",
      "opposite",
    ],
    ["Linear decay is better than step decay", "Is linear decay better than step decay?"],
    ["Linear decay is as good as cosine, within 2 points", "Is it as good as cosine annealing?"],
    [
      "Decay by the square root ends lower than linear decay",
      "Challenge: how does decay by the square root compare with linear decay, at the same initial rate?",
    ],
  ],
  4: [
    [
      "Warmup saves runs that a large rate would lose (Adam)",
      "Do fewer seeds fail with a linear ramp over a tenth of the run?",
    ],
    [
      "Warmup ends better than the same large rate without it",
      "Does the ramp end at a better test accuracy than the large rate without it?",
    ],
    [
      "Warmup makes a large rate as good as a tuned one, within 2 points",
      "Does warmup make the large rate as good as the rate that was tuned without it?",
    ],
    [
      "The shape of the ramp hardly matters: exponential as good as linear, within 2 points",
      "Is an exponential ramp as good as a linear one?",
    ],
    ["Cosine ramp as good as linear, within 2 points", "Is a cosine ramp as good as a linear one?"],
    ["A short ramp is enough", "Is a ramp over a fiftieth of the run enough?"],
    [
      "Warmup keeps steps small against the weights",
      "Does the ramp keep steps small relative to the weights in the first epoch?",
    ],
    [
      "Warmup keeps the gradient from exploding",
      "Does it keep the gradient from exploding in the first epoch?",
    ],
    [
      "Warmup is needed because Adam's second moment is a bad estimate at first",
      "And is that the whole explanation: is measuring the moments first as good as a ramp?",
    ],
    [
      "Warmup with cosine performs well: better than warmup with a constant rate",
      "Challenge: does warmup with cosine end better than warmup with a constant rate?",
    ],
  ],
  5: [
    [
      "SGDR of equal cycles ends better than one cosine",
      "Do restarts with cycles of one length end better than one long cosine?",
      "opposite",
    ],
    [
      "Cycles that double are as good as one cosine, within 2 points",
      "Are cycles that double as good as one long cosine?",
    ],
    ["Cycles that grow are better than equal ones", "Are growing cycles (1.5) better than equal ones?"],
    ["SGDR converges faster", "Do restarts converge faster than one long cosine?"],
    [
      "Lower and lower restarts disturb less and end better",
      "Does a lower rate at each restart disturb less and end better?",
    ],
    [
      "A snapshot ensemble is better than its last snapshot",
      "Is the snapshot ensemble better than its last snapshot?",
    ],
    [
      "Snapshots are as good as independent models of the same total cost, or better",
      "Is it better than as many independent models that share the steps?",
    ],
    [
      "Averaging weights over the end of a cycle improves them",
      "Does the average of the second half of the last cycle beat its last weights?",
    ],
    [
      "Momentum must be reset at a restart",
      "Does it matter whether the momentum is set to zero at a restart?",
      "opposite",
    ],
    ["Clipping the gradient matters under restarts", "Does clipping matter under restarts?"],
  ],
  6: [
    [
      "Super-convergence: one cycle in a third of the steps is as good as cosine in all",
      "Super-convergence: is one cycle in a third of the steps as good as the whole cosine?",
      "opposite",
    ],
    ["One cycle in half of the steps is within 5 points", "And in half of them?"],
    [
      "At the same short length one cycle is better than cosine",
      "At the same third of the steps, is one cycle better than cosine?",
      "opposite",
    ],
    ["One cycle is better than step decay in short runs", "And better than step decay?"],
    [
      "Inverse momentum lets cycles use larger rates",
      "Does it let triangles use a rate that is too large for constant momentum?",
    ],
    ["Cyclic rates are better than one cosine", "Are cyclic rates better than one long cosine?", "opposite"],
  ],
  7: [
    ["Plateau is better than a constant rate", "Is plateau better than the constant rate?"],
    [
      "Plateau beats the best fixed schedule",
      "Does waiting for evaluations beat the best fixed plan, one cosine?",
      "opposite",
    ],
    ["Plateau beats drops at fixed places", "Does it beat drops at fixed places?"],
    [
      "Adaptive restarts are better than fixed ones",
      "Are adaptive restarts better than restarts at fixed places?",
      "opposite",
    ],
  ],
  8: [
    ["Aggressive restarts get a stuck run going", "Do aggressive restarts get it going?"],
    [
      "They do so at the guide's own rates, 2e-4 down to 5e-8 (here with SGD)",
      "Do they with the rates of the guide itself, 2e-4 down to 5e-8?",
      "opposite",
    ],
    [
      "Aggressive restarts escape better than a higher rate with one cosine",
      "Are they better than a higher rate with one cosine, which one would try first?",
      "opposite",
    ],
    [
      "Warm restarts are calmer and end better than aggressive ones",
      "Are warm restarts of equal cycles better than aggressive ones?",
    ],
    [
      "A stuck run sits in a minimum behind a barrier of the loss",
      "Is there a loss barrier between the stuck checkpoint and where the plain suggestion ends?",
      "opposite",
    ],
  ],
  9: [
    [
      "Dice wants to be refined: from Dice to focal loss (adaptive_structure_boundary) beats Dice alone",
      "Structure to boundary: is going from Dice to focal loss better than Dice alone?",
      "opposite",
    ],
    [
      "Going from Dice to focal loss refines boundaries: a higher boundary F1",
      "Does going to focal loss refine boundaries, as the guide says?",
      "opposite",
    ],
    [
      "Dice, then focal, then Hausdorff loss (adaptive_progressive_hybrid) beats Dice alone",
      "Is the progressive hybrid (Dice, focal, Hausdorff) better than Dice alone?",
    ],
    [
      "The order in time helps: the progressive hybrid differs from its shuffled weights by more than 2 points",
      "Adaptive or mixed: is the progressive hybrid better than its own weights in shuffled order?",
      "opposite",
    ],
    [
      "Hausdorff loss at the end brings fine details: the Hausdorff distance changes by more than a quarter of a pixel",
      "Does its last stage with the Hausdorff loss lower the Hausdorff distance?",
      "opposite",
    ],
    [
      "Weights moved by performance (adaptive_dynamic_hybrid) differ from planned ones by more than 2 points",
      "Is moving weight by performance (dynamic hybrid) better than at planned times?",
      "opposite",
    ],
    [
      "Adaptive loss and aggressive restarts together are the ultimate optimization: better than with one cosine",
      "Do aggressive restarts make the progressive hybrid better than one cosine?",
      "opposite",
    ],
    [
      "Adaptive loss with warm restarts is better than with one cosine",
      "Do warm restarts?",
      "opposite",
    ],
  ],
  10: [
    [
      "Transformers need warmup at a rate that is too large to start with",
      "At a rate that is too large to start with, does warmup lower the perplexity?",
    ],
    [
      "Transformers need warmup at any rate worth taking",
      "Does it where rates are tuned, with and without the ramp?",
    ],
    [
      "Layer norm behind the sums needs warmup more than layer norm before the layers",
      "Without warmup, is layer norm behind the sums worse than before the layers?",
    ],
    [
      "Adam's second moment is why transformers need warmup",
      "Is the second moment to blame: does it help to measure Adam's moments first, without moving?",
    ],
    [
      "After warmup a line to zero ends lower than Noam's 1/√t",
      "After the same ramp, does a line to zero end lower than Noam's 1/√t?",
    ],
    [
      "Warm restarts lower the perplexity of a language model",
      "Do warm restarts lower the perplexity of a single model?",
    ],
    [
      "Snapshots of a language model's cycles lower it further",
      "Do the snapshots of its cycles, taken together?",
    ],
  ],
  11: [
    [
      "WSD is as good as cosine at equal length, within 2 points",
      "Is WSD as good as cosine at equal length?",
    ],
    ["Linear decay to zero is better than WSD", "Is WSD as good as linear decay to zero?"],
    [
      "A cooldown of the shape 1-sqrt is better than a linear one",
      "Is a cooldown of the shape 1-sqrt better than a linear one?",
    ],
    [
      "A cooldown over a tenth of the run is too short",
      "Is a cooldown over a tenth of the run as good as one over a quarter?",
    ],
    [
      "Decay to zero is better than decay to a tenth",
      "Does linear decay to a tenth of the rate end lower than to zero?",
    ],
    [
      "Averages of the weights don't quite take the place of a cooldown",
      "Does averaging the weights take the place of the cooldown: is an EMA of the stable run as good as WSD?",
    ],
    [
      "One stable run with branches is better than separate cosines at equal compute",
      "At equal compute for three lengths, is the longest branch better than its cosine, which gets 63 % of a run?",
    ],
    [
      "A cooldown goes straight down into the valley that the stable run hangs over",
      "Is there a barrier on the straight line from where the cooldown starts to where it ends?",
    ],
  ],
  12: [
    [
      "Prodigy needs no tuning: at its rate of 1 not lower than tuned SGD",
      "Is Prodigy at its rate of 1, untuned, as good as SGD with the best of seven rates?",
      "opposite",
    ],
    [
      "Schedule-free SGD needs no schedule: tuned alike, it is better than SGD with cosine",
      "With the best of seven rates each, is schedule-free SGD better than SGD with cosine?",
    ],
    [
      "Schedule-free AdamW, tuned alike, is better than AdamW with cosine",
      "Is schedule-free AdamW better than AdamW with cosine?",
    ],
    ["Muon is better than AdamW, tuned alike", "Is Muon better than AdamW?"],
    [
      "Schedule-free SGD takes a blind rate better than SGD",
      "With one rate each, drawn from its range, is schedule-free SGD better than SGD?",
    ],
  ],
};

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
