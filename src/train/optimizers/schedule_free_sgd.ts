import { defineOptimizer } from "./entry.ts";
import {
  averagedStep,
  averagedWeight,
  AVERAGING,
  AVERAGING_PARAMS,
  averagingShare,
} from "./schedule_free.ts";

/** SGD whose steps are averaged in place of a schedule: see `schedule_free.ts`, with u the gradient at y. */
export const scheduleFreeSgd = defineOptimizer({
  name: "schedule_free_sgd",
  description:
    "SGD whose steps are averaged instead of decayed, with rates 10 to 50 times SGD's; a constant rate, after a warmup; the model is judged by the average; schedulefree.SGDScheduleFree",
  reference: "Defazio et al., 2024, arXiv:2405.15682",
  elsewhere: "schedulefree.SGDScheduleFree (pip install schedulefree) or optax.contrib.schedule_free_sgd",
  params: {
    momentum: {
      kind: "number",
      default: 0.9,
      range: { min: 0, below: 1 },
      doc: "share of the average in the weights that gradients are taken at; a schedule may move it",
    },
    ...AVERAGING_PARAMS,
  },
  decay: "coupled",
  weightDecay: 0,
  momentum: { key: "momentum", of: ({ momentum }) => momentum },
  slots: ["offset"],
  followsGradient: true,
  secondMoment: null,
  stability: null,
  scalars: AVERAGING,
  /** The share of the new step in the average, and 1 − β of the last step. */
  constants: (settings, _, count, { before, after }) => [
    averagingShare(settings, after, count),
    1 - before.momentum!,
  ],
  judged: averagedWeight,
  step({ settings, weight, gradient, slots, lr, momentum, count, scalars }) {
    const { weight: y, offset } = averagedStep(
      { weight, offset: slots.offset!, direction: gradient },
      {
        lr,
        share: averagingShare(settings, scalars.after, count),
        momentum,
        before: scalars.before.momentum!,
      },
    );
    return { weight: y, slots: { offset } };
  },
});
