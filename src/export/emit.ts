import { assertNever } from "#lib/assert_never.ts";
import type { RunShape } from "#lib/duration.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { CATALOGUE, entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import type { Framework } from "#schedules/frameworks/exports.ts";
import { py } from "#schedules/frameworks/python.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { choose, choosePerEpoch } from "./choose.ts";
import type { Job } from "./job.ts";
import { nativesOf } from "./natives.ts";
import { optaxCode } from "./optax.ts";
import { because, formula, momentumLines, program } from "./program.ts";
import { refusalOf } from "./refusal.ts";
import { JAX, KERAS, NUMBERS } from "./style.ts";

/**
 * Python that gives the same rates in another framework, for the steps of this run: by the framework's own class
 * where that expresses the schedule exactly, else by a function with the formula and a comment that says why.
 *
 * PyTorch and transformers end in `scheduler`, Keras and optax in `schedule`.
 *
 * @throws {RangeError} for a schedule that the framework cannot express at all.
 */
export function emitSchedule(
  spec: ScheduleSpec,
  shape: RunShape,
  framework: Framework,
  registry: Registry = CATALOGUE,
): string {
  const refusal = refusalOf(spec, registry);
  if (refusal !== null) throw new RangeError(`Cannot emit ${spec.name} for ${framework}: ${refusal}`);
  const job: Job = { spec, shape, built: buildSchedule(spec, shape, { registry }), registry };
  const whole = entryOf(spec.name, registry)?.exports?.program?.(
    plainValues(spec, shape, registry),
    framework,
  );
  if (whole) return [`# ${describeSchedule(spec, registry)}`, ...whole].join("\n") + "\n";
  if (job.built.feedback !== null) {
    throw new RangeError(`Cannot emit ${spec.name} for ${framework}: its rates depend on evaluations`);
  }
  switch (framework) {
    case "pytorch":
      return emitTorch(job, {
        library: "pytorch",
        name: "SGD",
        options: ", momentum=0.9",
        owner: "PyTorch",
      });
    case "transformers":
      return emitTorch(job, { library: "transformers", name: "AdamW", options: "", owner: "transformers" });
    case "keras":
      return emitKeras(job);
    case "optax":
      return emitOptax(job);
    default:
      return assertNever(framework);
  }
}

interface TorchOptimizer {
  readonly library: "pytorch" | "transformers";
  readonly name: string;
  readonly options: string;
  /** The library whose schedulers are used with it, as prose writes it. */
  readonly owner: string;
}

function emitTorch(job: Job, { library, name: optimizer, options, owner }: TorchOptimizer): string {
  const { spec, shape, built, registry } = job;
  const natives = nativesOf(library, registry);
  const perEpoch = choosePerEpoch(spec, shape, built.lr, natives, registry);
  const { native, why } = choose(spec, shape, built.lr, natives);
  const chosen = perEpoch ?? native;
  if (chosen !== null) {
    return program(job, [`from torch.optim import ${optimizer}`, ...chosen.imports], [
      `optimizer = ${optimizer}(model.parameters(), lr=${py(chosen.base)}${options})`,
      `scheduler = ${chosen.call}`,
      `# after each ${perEpoch === null ? "optimizer.step()" : "epoch"}: scheduler.step()`,
    ]);
  }
  const { name, functions, imports } = formula(job, NUMBERS);
  const all = [
    ...imports,
    `from torch.optim import ${optimizer}`,
    "from torch.optim.lr_scheduler import LambdaLR",
  ];
  return program(job, all, [
    because(why, `${owner} has no scheduler of this shape`),
    ...functions.flatMap((lines) => [lines, ""]),
    `optimizer = ${optimizer}(model.parameters(), lr=1.0${options})  # 1.0, as ${name} gives the rate itself`,
    `scheduler = LambdaLR(optimizer, ${name})`,
    "# after each optimizer.step(): scheduler.step()",
    ...momentumLines(
      job,
      NUMBERS,
      (call) =>
        `# before each optimizer.step(): for group in optimizer.param_groups: group["momentum"] = ${call}`,
    ),
  ]);
}

function emitKeras(job: Job): string {
  const { spec, shape, built, registry } = job;
  const optimizer = "optimizer = keras.optimizers.SGD(learning_rate=schedule, momentum=0.9)";
  const values = plainValues(spec, shape, registry);
  const value = entryOf(spec.name, registry)?.exports?.kerasValue?.(values);
  if (value !== undefined) return program(job, ["import keras"], [`schedule = ${py(value)}`, optimizer]);
  const { native, why } = choose(spec, shape, built.lr, nativesOf("keras", registry));
  if (native !== null) return program(job, native.imports, [`schedule = ${native.call}`, optimizer]);
  const { name, functions, imports } = formula(job, KERAS);
  const className = name.split("_").map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  return program(job, imports, [
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
      job,
      KERAS,
      (call) => `# a callback may set optimizer.momentum = ${call} before each batch`,
    ),
  ]);
}

function emitOptax(job: Job): string {
  const { spec, shape, registry } = job;
  const { name, definitions, ownFormula } = optaxCode(spec, shape, registry);
  const last = definitions.at(-1)!;
  const ending = last.startsWith(`${name} = `)
    ? [last.replace(`${name} = `, "schedule = ")]
    : [last, "", `schedule = ${name}`];
  const math = definitions.some((lines) => lines.includes("math.")) ? ["import math"] : [];
  const imports = ownFormula ? [...math, "import jax.numpy as jnp", "import optax"] : ["import optax"];
  return program(job, imports, [
    ...(ownFormula ? [because("", "optax has no schedule of this shape")] : []),
    ...definitions.slice(0, -1).flatMap((lines) => lines.startsWith("def ") ? [lines, ""] : [lines]),
    ...ending,
    "optimizer = optax.sgd(learning_rate=schedule, momentum=0.9)",
    ...momentumLines(
      job,
      JAX,
      (call) =>
        `# optax.inject_hyperparams(optax.sgd)(learning_rate=schedule, momentum=momentum) applies ${call} too`,
    ),
  ]);
}
