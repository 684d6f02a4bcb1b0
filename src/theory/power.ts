import type { BuildContext, CustomModule } from "#schedules/entry.ts";
import { number, rate } from "#schedules/params.ts";

/**
 * η(t) = η₀/(t + 1)^p. The rate of stochastic approximation is p = 1; trainers do not use it, so it is no entry of the
 * catalogue but a custom schedule, built as a user's own module is.
 */
const POWER: CustomModule = {
  params: {
    lr: rate("rate of the first step"),
    power: number("p: 1 is the harmonic series", "1", { above: 0 }),
  },
  build: ({ lr, power }) => (t) => (lr as number) / (t + 1) ** (power as number),
};

/** The path that specs name it by. */
const POWER_MODULE = "power";

/** The context with which `buildSchedule` knows it. */
export const CONTEXT: BuildContext = {
  custom: (path) => {
    if (path === POWER_MODULE) return POWER;
    throw new RangeError(`Cannot build a custom schedule of ${path}: exercise 0 knows ${POWER_MODULE} alone`);
  },
};
