import { assertNever } from "#lib/assert_never.ts";
import type { RunShape } from "#lib/duration.ts";
import { customModules } from "#schedules/custom.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { BuiltSchedule, ScheduleSpec } from "#schedules/schedule.ts";
import { choose, choosePerEpoch } from "./choose.ts";
import { type Framework, type Natives, py } from "./framework.ts";
import { kerasNatives } from "./keras.ts";
import { optaxCode } from "./optax.ts";
import { emitPlateau } from "./plateau.ts";
import { because, formula, momentumLines, program } from "./program.ts";
import { pytorchNatives } from "./pytorch.ts";
import { JAX, KERAS, NUMBERS } from "./style.ts";
import { transformersNatives } from "./transformers.ts";

/**
 * Python that gives the same rates in another framework, for the steps of this run: by the framework's own class
 * where that expresses the schedule exactly, else by a function with the formula and a comment that says why.
 *
 * PyTorch and transformers end in `scheduler`, Keras and optax in `schedule`.
 *
 * @throws {RangeError} for a schedule that the framework cannot express at all.
 */
export function emitSchedule(spec: ScheduleSpec, shape: RunShape, framework: Framework): string {
  if (customModules(spec).length > 0) {
    throw new RangeError(
      `Cannot emit ${spec.name} for ${framework}: the formula of a custom schedule is in its module`,
    );
  }
  const built = buildSchedule(spec, shape);
  if (spec.name === "plateau" && spec.scales == null) return emitPlateau(spec, shape, framework);
  if (built.feedback !== null) {
    throw new RangeError(`Cannot emit ${spec.name} for ${framework}: its rates depend on evaluations`);
  }
  switch (framework) {
    case "pytorch":
      return emitTorch(spec, shape, built, pytorchNatives, {
        name: "SGD",
        options: ", momentum=0.9",
        whose: "PyTorch",
      });
    case "transformers":
      return emitTorch(spec, shape, built, transformersNatives, {
        name: "AdamW",
        options: "",
        whose: "transformers",
      });
    case "keras":
      return emitKeras(spec, shape, built);
    case "optax":
      return emitOptax(spec, shape, built);
    default:
      return assertNever(framework);
  }
}

interface TorchOptimizer {
  readonly name: string;
  readonly options: string;
  /** Which library's schedulers are used with it. */
  readonly whose: string;
}

function emitTorch(
  spec: ScheduleSpec,
  shape: RunShape,
  built: BuiltSchedule,
  natives: Natives,
  { name: optimizer, options, whose }: TorchOptimizer,
): string {
  const perEpoch = choosePerEpoch(spec, shape, built.lr, natives);
  const { native, why } = choose(spec, shape, built.lr, natives);
  const chosen = perEpoch ?? native;
  if (chosen !== null) {
    return program(spec, [`from torch.optim import ${optimizer}`, ...chosen.imports], [
      `optimizer = ${optimizer}(model.parameters(), lr=${py(chosen.base)}${options})`,
      `scheduler = ${chosen.call}`,
      `# after each ${perEpoch === null ? "optimizer.step()" : "epoch"}: scheduler.step()`,
    ]);
  }
  const { name, functions, imports } = formula(spec, shape, NUMBERS);
  const all = [
    ...imports,
    `from torch.optim import ${optimizer}`,
    "from torch.optim.lr_scheduler import LambdaLR",
  ];
  return program(spec, all, [
    because(why, `${whose} has no scheduler of this shape`),
    ...functions.flatMap((lines) => [lines, ""]),
    `optimizer = ${optimizer}(model.parameters(), lr=1.0${options})  # 1.0, as ${name} gives the rate itself`,
    `scheduler = LambdaLR(optimizer, ${name})`,
    "# after each optimizer.step(): scheduler.step()",
    ...momentumLines(
      spec,
      shape,
      built,
      NUMBERS,
      (call) =>
        `# before each optimizer.step(): for group in optimizer.param_groups: group["momentum"] = ${call}`,
    ),
  ]);
}

function emitKeras(spec: ScheduleSpec, shape: RunShape, built: BuiltSchedule): string {
  const optimizer = "optimizer = keras.optimizers.SGD(learning_rate=schedule, momentum=0.9)";
  if (spec.name === "constant") {
    return program(spec, ["import keras"], [`schedule = ${py(spec.lr)}`, optimizer]);
  }
  const { native, why } = choose(spec, shape, built.lr, kerasNatives);
  if (native !== null) return program(spec, native.imports, [`schedule = ${native.call}`, optimizer]);
  const { name, functions, imports } = formula(spec, shape, KERAS);
  const className = name.split("_").map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  return program(spec, imports, [
    because(why, "Keras has no schedule of this shape"),
    ...functions.flatMap((lines) => [lines, ""]),
    `class ${className}(keras.optimizers.schedules.LearningRateSchedule):`,
    "    def __call__(self, step):",
    `        return ${name}(ops.cast(step, "float32"))`,
    "",
    "    def get_config(self):",
    "        return {}",
    "",
    `schedule = ${className}()`,
    optimizer,
    ...momentumLines(
      spec,
      shape,
      built,
      KERAS,
      (call) => `# a callback may set optimizer.momentum = ${call} before each batch`,
    ),
  ]);
}

function emitOptax(spec: ScheduleSpec, shape: RunShape, built: BuiltSchedule): string {
  const { name, definitions, ownFormula } = optaxCode(spec, shape);
  const last = definitions.at(-1)!;
  const ending = last.startsWith(`${name} = `)
    ? [last.replace(`${name} = `, "schedule = ")]
    : [last, "", `schedule = ${name}`];
  const math = definitions.some((lines) => lines.includes("math.")) ? ["import math"] : [];
  const imports = ownFormula ? [...math, "import jax.numpy as jnp", "import optax"] : ["import optax"];
  return program(spec, imports, [
    ...(ownFormula ? [because("", "optax has no schedule of this shape")] : []),
    ...definitions.slice(0, -1).flatMap((lines) => lines.startsWith("def ") ? [lines, ""] : [lines]),
    ...ending,
    "optimizer = optax.sgd(learning_rate=schedule, momentum=0.9)",
    ...momentumLines(
      spec,
      shape,
      built,
      JAX,
      (call) =>
        `# optax.inject_hyperparams(optax.sgd)(learning_rate=schedule, momentum=momentum) applies ${call} too`,
    ),
  ]);
}
