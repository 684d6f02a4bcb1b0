import { kwargs, py } from "./python.ts";

/** A straight line of so many steps, by optax. */
export const optaxLine = (from: number, to: number, steps: number): string =>
  `optax.linear_schedule(${kwargs({ init_value: from, end_value: to, transition_steps: steps })})`;

/** Half a cosine of so many steps, or a power of it, by optax. */
export const optaxCosine = (from: number, to: number, steps: number, exponent = 1): string =>
  `optax.cosine_decay_schedule(${
    kwargs({
      init_value: from,
      decay_steps: steps,
      alpha: to / from,
      ...(exponent === 1 ? {} : { exponent }),
    })
  })`;

/** A decay by `rate` every so many steps, by optax. */
export const optaxExponential = (lr: number, steps: number, rate: number, staircase: boolean): string =>
  `optax.exponential_decay(${
    kwargs({ init_value: lr, transition_steps: steps, decay_rate: rate, ...(staircase ? { staircase } : {}) })
  })`;

/** Parts one after the other, given the lengths of all but the last. */
export function optaxJoin(parts: readonly string[], lengths: readonly number[]): string {
  if (parts.length === 1) return parts[0]!;
  let end = 0;
  const boundaries = lengths.map((steps) => end += steps);
  return [
    "optax.join_schedules([",
    ...parts.map((part) => `    ${part},`),
    `], boundaries=${py(boundaries)})`,
  ].join("\n");
}
