import type { TheoryExercise } from "#theory/claim.ts";
import { averageIsBest, endsNearer, fallsAs, meetsBoth, reachesOptimum } from "#theory/claims_falling.ts";
import { floorIsFormula, floorIsProportional, isNormal } from "#theory/claims_settled.ts";

/** Curvature 2, so that ηh is twice the rate; the noise's standard deviation is 1. */
const problem = { curvature: 2, noise: 1, start: 5 };
const constant = { name: "constant", lr: 0.25 };
const power = (lr: number, power: number) => ({ name: "custom", module: "power", lr, power });

/** Exercise 0: what theory says of noise and rates, on the one loss that it can be solved for. */
export const exercise: TheoryExercise = {
  number: 0,
  title: "Theory that can be run",
  introduction:
    "SGD on f(x) = ½hx² with noise σ in its gradient is all that the usual arguments for schedules are about. " +
    "Here it is simulated with thousands of chains, under the lab's own schedules, beside exact figures. The claims " +
    "were written before the simulation; some are those of guides to schedules.",
  settings: {
    problem,
    floors: [
      { momentum: 0, sharpness: [0.1, 0.2, 0.5, 1, 1.5, 1.8] },
      { momentum: 0.9, sharpness: [0.2, 1, 3] },
    ],
    distributions: [
      { noise: "normal", sharpness: 0.5 },
      { noise: "coin", sharpness: 0.5 },
      { noise: "normal", sharpness: 1.8 },
      { noise: "coin", sharpness: 0.1 },
    ],
    trajectories: [
      { name: "constant", schedule: constant },
      { name: "1/√t", schedule: { name: "inverse_sqrt", lr: 0.25, warmup: "1 step" } },
      { name: "1/t, c·h = 1", schedule: power(0.5, 1) },
      { name: "1/t, c·h = 1/4", schedule: power(0.125, 1) },
      { name: "1/t²", schedule: power(0.25, 2) },
      { name: "cosine", schedule: { name: "cosine", lr: 0.25, T_max: "100%" } },
      { name: "step", schedule: { name: "step", lr: 0.25, step_size: "25%", gamma: 0.1 } },
      { name: "constant, averaged", schedule: constant, averageFrom: 64 },
    ],
    trajectoryDoublings: 10,
    sumDoublings: 17,
    pairs: [["1/t, c·h = 1/4", "cosine"]],
    chains: { floors: 8000, distributions: 40_000, trajectories: 2000 },
  },
  claims: [
    floorIsFormula({
      question: "Does a constant rate keep the variance ησ²/(h(2 − ηh))?",
      hypothesis: "Yes, within 10 % at every rate below 2/h.",
    }, { momentum: 0, margin: 0.1 }),
    floorIsProportional({
      question: "Is that floor proportional to the rate?",
      hypothesis:
        "As guides have it: the variance is proportional to the rate, small or large (within 10 %).",
    }, { margin: 0.1 }),
    floorIsFormula({
      question: "And with momentum 0.9: ησ²(1 + μ)/(h(1 − μ)(2(1 + μ) − ηh))?",
      hypothesis: "Yes, within 10 %, up to ηh = 3, where plain SGD diverges.",
    }, { momentum: 0.9, margin: 0.1 }),
    isNormal({
      question: "Is the stationary distribution the normal one of that variance?",
      hypothesis: "Yes with normal noise: distribution functions differ by 0.02 at most.",
    }, { noise: "normal", sharpness: 0.5, margin: 0.02 }),
    isNormal({
      question: "Is it so whatever the noise, as long as its variance is σ²?",
      hypothesis: "Yes, as diffusion arguments suggest: also with coin flips for noise, within 0.02.",
    }, { noise: "coin", sharpness: 0.5, margin: 0.02 }),
    meetsBoth({
      question: "Does 1/t meet both of Robbins and Monro's conditions?",
      hypothesis: "Yes, as guides have it: Σ η grows without bound and Σ η² does not.",
    }, { name: "1/t, c·h = 1" }),
    meetsBoth({
      question: "Does 1/√t meet both?",
      hypothesis: "Yes, as guides have it.",
    }, { name: "1/√t" }),
    fallsAs({
      question: "Does the error of 1/√t go to zero all the same?",
      hypothesis:
        "Yes, as 1/√t, which is a bound that guides give: the conditions are enough, but not needed.",
    }, { name: "1/√t", exponent: -0.5, margin: 0.15 }),
    reachesOptimum({
      question: "Does every rate that falls to zero lead to the optimum?",
      hypothesis: "Yes, as guides have it: η → 0, the variance → 0, x → x*. Tried on 1/t².",
    }, { name: "1/t²", margin: 0.01 }),
    fallsAs({
      question: "Does the error of c/t fall as 1/t?",
      hypothesis: "Yes with c = 1/h: the exponent is −1.",
    }, { name: "1/t, c·h = 1", exponent: -1, margin: 0.15 }),
    fallsAs({
      question: "Whatever the constant c?",
      hypothesis: "Yes: c moves the curve up or down, the exponent stays −1. Tried on c = 1/(4h).",
    }, { name: "1/t, c·h = 1/4", exponent: -1, margin: 0.15 }),
    averageIsBest({
      question: "Does averaging iterates at a constant rate beat its floor, and reach σ²/(h²n)?",
      hypothesis: "Yes, within 20 %: Polyak and Ruppert's average needs no schedule here.",
    }, { name: "constant, averaged", margin: 0.2 }),
    endsNearer({
      question:
        "In a run of finite length, does a rate that meets both conditions end nearer than one that does not?",
      hypothesis: "Yes: that is what the conditions are for. Tried on c = 1/(4h) against cosine.",
    }, { name: "1/t, c·h = 1/4", against: "cosine" }),
  ],
};
