import { hasMomentum, optaxOptimizer } from "#schedules/frameworks/optimizer.ts";
import type { Job } from "../job.ts";
import { optaxCode } from "../optax.ts";
import { because, momentumFunction, program } from "../program.ts";
import { JAX } from "../style.ts";

/** A script for optax, which ends in `schedule` and an optimizer. */
export function emitOptax(job: Job): string {
  const { spec, shape, registry } = job;
  const { name, definitions, ownFormula } = optaxCode(spec, shape, registry);
  const momentum = momentumFunction(job, JAX);
  const last = definitions.at(-1)!;
  const ending = last.startsWith(`${name} = `)
    ? [last.replace(`${name} = `, "schedule = ")]
    : [last, "", `schedule = ${name}`];
  const lines = [...definitions, ...momentum.functions];
  const imports = [
    ...(lines.some((text) => text.includes("math.")) ? ["import math"] : []),
    ...(lines.some((text) => text.includes("jnp.")) ? ["import jax.numpy as jnp"] : []),
    "import optax",
  ];
  return program(job, imports, [
    ...(ownFormula ? [because("", "optax has no schedule of this shape")] : []),
    ...definitions.slice(0, -1).flatMap((text) => text.startsWith("def ") ? [text, ""] : [text]),
    ...ending,
    ...(momentum.name === null ? [] : ["", ...momentum.functions, ""]),
    `optimizer = ${optimizerOf(job, momentum.name)}`,
    ...momentum.notes,
  ]);
}

/** The optimizer; where the momentum moves, with both as functions of its own count. */
function optimizerOf({ optimizer }: Job, momentum: string | null): string {
  if (momentum === null) return optaxOptimizer(optimizer, "schedule");
  const key = hasMomentum(optimizer) ? "momentum" : "b1";
  const { momentum: _, betas, ...rest } = optimizer;
  const plain = optaxOptimizer({ ...rest }, "schedule");
  const beta2 = betas === undefined ? "" : `, b2=${betas[1]}`;
  return plain.replace(
    /optax\.(sgd|adam|adamw|rmsprop)\(learning_rate=schedule/,
    `optax.inject_hyperparams(optax.$1)(learning_rate=schedule, ${key}=${momentum}${beta2}`,
  );
}
