import type { Rows } from "./row.ts";

/** Claims about schedules of classifiers: exercises 1 to 8. */
export const OF_SCHEDULES: Rows = {
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
};
