/** The largest differences that do not matter, where a spec's `margin` names no other: named before any run. */
export const USUAL_MARGINS = {
  /** Share of the images: one point. */
  accuracy: 0.01,
  /** Two percent of a perplexity of 2.5: 0.02 nats. */
  perplexity: 0.05,
  /** Nats. */
  loss: 0.02,
  /** Share of a run. */
  steps: 0.05,
  /** Share, of Dice, IoU and boundary F1: one point. */
  overlap: 0.01,
  /** Pixels. */
  distance: 0.5,
} as const;
