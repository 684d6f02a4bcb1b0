import { hasMomentum, kerasOptimizer } from "#schedules/frameworks/optimizer.ts";
import { choose } from "../choose.ts";
import { type Job, wantedOf } from "../job.ts";
import { because, className, formula, momentumFunction, program } from "../program.ts";
import { KERAS } from "../style.ts";

/** A script for Keras, which ends in `schedule` and an optimizer. */
export function emitKeras(job: Job): string {
  const optimizer = kerasOptimizer(job.optimizer, "schedule");
  const { native, why } = choose(wantedOf(job, "keras"));
  const own = momentumFunction(job, KERAS);
  const setting = hasMomentum(job.optimizer) ? "momentum" : "beta_1";
  const momentum = [
    ...(own.name === null ? [] : [
      "",
      ...own.functions,
      `# with run_eagerly=True a callback may set optimizer.${setting} = ${own.name}(t) before each batch`,
    ]),
    ...own.notes,
  ];
  if (native !== null) {
    const imports = [...native.imports, ...(own.name === null ? [] : KERAS.imports)];
    return program(job, imports, [`schedule = ${native.call}`, ...optimizer, ...momentum]);
  }
  const { name, functions, imports } = formula(job, KERAS);
  return program(job, imports, [
    because(why, "Keras has no schedule of this shape"),
    ...functions.flatMap((lines) => [lines, ""]),
    `class ${className(name)}(keras.optimizers.schedules.LearningRateSchedule):`,
    "    def __call__(self, step):",
    `        return ${name}(ops.cast(step, "float32"))`,
    "",
    "    def get_config(self):",
    "        return {}",
    "",
    `schedule = ${className(name)}()`,
    ...optimizer,
    ...momentum,
  ]);
}
