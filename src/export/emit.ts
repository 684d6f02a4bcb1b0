import { assertNever } from "#lib/assert_never.ts";
import type { RunShape } from "#lib/duration.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { CATALOGUE, entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import type { Framework } from "#schedules/frameworks/exports.ts";
import { ADAMW, type OptimizerChoice, SGD } from "#schedules/frameworks/optimizer.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { emitFeedback } from "./feedback.ts";
import type { Job } from "./job.ts";
import { refusalOf } from "./refusal.ts";
import { emitFastai } from "./targets/fastai.ts";
import { emitKeras } from "./targets/keras.ts";
import { emitLightning } from "./targets/lightning.ts";
import { emitOptax } from "./targets/optax.ts";
import { emitTimm } from "./targets/timm.ts";
import { emitTorch } from "./targets/torch.ts";

/**
 * Python that gives the same rates in another framework, for the steps of this run and one call more: by the
 * framework's own class where the call, as it is written, gives them, else by a function with the formula and a comment
 * that says why.
 *
 * PyTorch, transformers and timm end in `scheduler`, Keras and optax in `schedule`; Lightning gets the method
 * `configure_optimizers`, fastai a training of `learn`. Without an optimizer it is SGD with momentum 0.9, AdamW for
 * transformers.
 *
 * @throws {RangeError} for a schedule that the framework cannot express at all.
 */
export function emitSchedule(
  spec: ScheduleSpec,
  shape: RunShape,
  framework: Framework,
  registry: Registry = CATALOGUE,
  optimizer: OptimizerChoice = framework === "transformers" ? ADAMW : SGD,
): string {
  const refusal = refusalOf(spec, registry);
  if (refusal !== null) throw new RangeError(`Cannot emit ${spec.name} for ${framework}: ${refusal}`);
  const job: Job = { spec, shape, built: buildSchedule(spec, shape, { registry }), registry, optimizer };
  const values = plainValues(spec, shape, registry);
  const whole = entryOf(spec.name, registry)?.exports?.program?.(values, { framework, optimizer, shape });
  if (whole) return [`# ${describeSchedule(spec, registry)}`, ...whole].join("\n") + "\n";
  if (job.built.feedback !== null) {
    if (framework === "pytorch" || framework === "lightning" || framework === "transformers") {
      return emitFeedback(job, framework);
    }
    throw new RangeError(`Cannot emit ${spec.name} for ${framework}: its rates depend on evaluations`);
  }
  return write(job, framework);
}

function write(job: Job, framework: Framework): string {
  switch (framework) {
    case "pytorch":
    case "transformers":
      return emitTorch(job, framework);
    case "lightning":
      return emitLightning(job);
    case "timm":
      return emitTimm(job);
    case "fastai":
      return emitFastai(job);
    case "keras":
      return emitKeras(job);
    case "optax":
      return emitOptax(job);
    default:
      return assertNever(framework);
  }
}
