import type { Framework } from "../frameworks/exports.ts";
import type { Plain } from "../param_types.ts";
import { kwargs, py } from "../frameworks/python.ts";
import type { PARAMS } from "./formula.ts";

type Plateau = Plain<typeof PARAMS>;

/**
 * Lines of a program with ReduceLROnPlateau, with its counts adapted: Keras and optax reduce one evaluation earlier, and
 * Keras ignores one evaluation of the cooldown. For a metric that is not negative they then agree. `null` where the
 * reductions scale another schedule.
 *
 * @throws {RangeError} where a framework lacks the threshold or the mode that the spec asks for.
 */
export function program(v: Plateau, framework: Framework): string[] | null {
  return v.scales === null ? LINES[framework](v) : null;
}

const LINES: Readonly<Record<Framework, (v: Plateau) => string[]>> = {
  pytorch: (v) => torchLines(v, "torch.optim.lr_scheduler", "ReduceLROnPlateau", "SGD", ", momentum=0.9"),
  transformers: (v) => torchLines(v, "transformers", "get_reduce_on_plateau_schedule", "AdamW", ""),
  keras,
  optax,
};

function torchLines(
  v: Plateau,
  module: string,
  name: string,
  optimizer: string,
  options: string,
): string[] {
  const { mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps } = v;
  return [
    `from torch.optim import ${optimizer}`,
    `from ${module} import ${name}`,
    "",
    `optimizer = ${optimizer}(model.parameters(), lr=${py(v.lr)}${options})`,
    `scheduler = ${name}(optimizer, ${
      kwargs({ mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps })
    })`,
    `# after each evaluation: scheduler.step(${v.metric})`,
  ];
}

function keras(
  { lr, metric, mode, factor, patience, threshold, threshold_mode, cooldown, min_lr }: Plateau,
): string[] {
  if (threshold_mode === "rel" && threshold !== 0) {
    throw new RangeError(
      "Cannot emit plateau for keras: its min_delta is a difference; use threshold_mode: abs",
    );
  }
  const options = kwargs({
    monitor: metric === "validation_loss" ? "val_loss" : "val_accuracy",
    mode,
    factor,
    patience: patience + 1,
    min_delta: threshold,
    cooldown: cooldown === 0 ? 0 : cooldown + 1,
    min_lr,
  });
  return [
    "import keras",
    "",
    `optimizer = keras.optimizers.SGD(learning_rate=${py(lr)}, momentum=0.9)`,
    "# Keras reduces after `patience` bad evaluations, not after more, and its cooldown ends one earlier.",
    `callback = keras.callbacks.ReduceLROnPlateau(${options})`,
  ];
}

function optax(
  { lr, metric, mode, factor, patience, threshold, threshold_mode, cooldown, min_lr }: Plateau,
): string[] {
  if (mode === "max") {
    throw new RangeError("Cannot emit plateau for optax: it only watches for smaller values");
  }
  const options = kwargs({
    factor,
    patience: patience + 1,
    rtol: threshold_mode === "rel" ? threshold : 0,
    atol: threshold_mode === "abs" ? threshold : 0,
    cooldown,
    min_scale: min_lr / lr!,
  });
  return [
    "import optax",
    "from optax.contrib import reduce_on_plateau",
    "",
    "# optax reduces after `patience` bad evaluations, not after more.",
    `optimizer = optax.chain(optax.sgd(${py(lr)}, momentum=0.9), reduce_on_plateau(${options}))`,
    `# pass value=${metric} to optimizer.update; each call of it counts as an evaluation`,
  ];
}
