import type { Style } from "#schedules/frameworks/python.ts";

/** Plain numbers: `math` and conditional expressions. */
export const NUMBERS: Style = {
  imports: ["import math"],
  where: (condition, a, b) => `${a} if ${condition} else ${b}`,
  call: (name, ...args) =>
    name === "minimum" || name === "maximum"
      ? `${name.slice(0, 3)}(${args.join(", ")})`
      : `math.${name}(${args.join(", ")})`,
  find: (starts) => [
    `starts = [${starts.join(", ")}]`,
    "k = bisect_right(starts, t) - 1",
    "start, end = starts[k], starts[k + 1]",
  ],
  eager: false,
};

/** Arrays of jax.numpy. */
export const JAX: Style = {
  imports: ["import math", "import jax.numpy as jnp"],
  where: (condition, a, b) => `jnp.where(${condition}, ${a}, ${b})`,
  call: (name, ...args) => `jnp.${name}(${args.join(", ")})`,
  find: (starts) => [
    `starts = jnp.array([${starts.join(", ")}])`,
    'k = jnp.searchsorted(starts, t, side="right") - 1',
    "start, end = starts[k], starts[k + 1]",
  ],
  eager: true,
};

/** Tensors of whatever backend Keras runs on. */
export const KERAS: Style = {
  imports: ["import math", "import keras", "from keras import ops"],
  where: (condition, a, b) => `ops.where(${condition}, ${a}, ${b})`,
  call: (name, ...args) => `ops.${name}(${args.join(", ")})`,
  find: (starts) => [
    `starts = ops.array([${starts.map((start) => `${start}.0`).join(", ")}])`,
    'k = ops.sum(ops.cast(starts <= t, "int32")) - 1',
    "start, end = ops.take(starts, k), ops.take(starts, k + 1)",
  ],
  eager: true,
};
