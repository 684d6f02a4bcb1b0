import { assertNever } from "../../lib/assert_never.ts";
import type { RunShape } from "../../lib/duration.ts";
import { describeSchedule } from "../describe.ts";
import { type PlainValues, plainValues } from "../resolve.ts";
import type { ScheduleSpec } from "../schedule.ts";
import { type Framework, kwargs, py } from "./framework.ts";

/**
 * ReduceLROnPlateau in each framework, with its counts adapted: Keras and optax reduce one evaluation earlier, and
 * Keras ignores one evaluation of the cooldown. For a metric that is not negative they then agree.
 *
 * @throws {RangeError} where a framework lacks the threshold that the spec asks for.
 */
export function emitPlateau(spec: ScheduleSpec, shape: RunShape, framework: Framework): string {
  const v = plainValues(spec, shape);
  const lines = linesFor(v, framework);
  return [`# ${describeSchedule(spec)}`, ...lines].join("\n") + "\n";
}

function linesFor(v: PlainValues, framework: Framework): string[] {
  const { mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps } = v;
  switch (framework) {
    case "pytorch":
    case "transformers": {
      const torch = framework === "pytorch";
      const [name, module] = torch
        ? ["ReduceLROnPlateau", "torch.optim.lr_scheduler"]
        : ["get_reduce_on_plateau_schedule", "transformers"];
      const optimizer = torch ? "SGD" : "AdamW";
      return [
        `from torch.optim import ${optimizer}`,
        `from ${module} import ${name}`,
        "",
        `optimizer = ${optimizer}(model.parameters(), lr=${py(v.lr)}${torch ? ", momentum=0.9" : ""})`,
        `scheduler = ${name}(optimizer, ${
          kwargs({ mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps })
        })`,
        `# after each evaluation: scheduler.step(${v.metric})`,
      ];
    }
    case "keras":
      if (threshold_mode === "rel" && threshold !== 0) {
        throw new RangeError(
          "Cannot emit plateau for keras: its min_delta is a difference; use threshold_mode: abs",
        );
      }
      return [
        "import keras",
        "",
        `optimizer = keras.optimizers.SGD(learning_rate=${py(v.lr)}, momentum=0.9)`,
        "# Keras reduces after `patience` bad evaluations, not after more, and its cooldown ends one earlier.",
        `callback = keras.callbacks.ReduceLROnPlateau(${
          kwargs({
            monitor: v.metric === "validation_loss" ? "val_loss" : "val_accuracy",
            mode,
            factor,
            patience: patience + 1,
            min_delta: threshold,
            cooldown: cooldown === 0 ? 0 : cooldown + 1,
            min_lr,
          })
        })`,
      ];
    case "optax":
      if (mode === "max") {
        throw new RangeError("Cannot emit plateau for optax: it only watches for smaller values");
      }
      return [
        "import optax",
        "from optax.contrib import reduce_on_plateau",
        "",
        "# optax reduces after `patience` bad evaluations, not after more.",
        `optimizer = optax.chain(optax.sgd(${py(v.lr)}, momentum=0.9), reduce_on_plateau(${
          kwargs({
            factor,
            patience: patience + 1,
            rtol: threshold_mode === "rel" ? threshold : 0,
            atol: threshold_mode === "abs" ? threshold : 0,
            cooldown,
            min_scale: min_lr / v.lr,
          })
        }))`,
        `# pass value=${v.metric} to optimizer.update; each call of it counts as an evaluation`,
      ];
    default:
      return assertNever(framework);
  }
}
