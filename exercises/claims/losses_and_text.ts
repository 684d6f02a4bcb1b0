import type { Rows } from "./row.ts";

/** Claims about losses that change, transformers, modern schedules and optimizers: exercises 9 to 12. */
export const OF_LOSSES_AND_TEXT: Rows = {
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
