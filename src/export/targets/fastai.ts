import type { OptimizerChoice } from "#schedules/frameworks/optimizer.ts";
import { real } from "#schedules/frameworks/python.ts";
import { choose } from "../choose.ts";
import { type Job, wantedOf } from "../job.ts";
import { because, formula, momentumFunction, program } from "../program.ts";
import { NUMBERS } from "../style.ts";

/** A Learner with the optimizer, as a comment: fastai takes a function that makes one. */
function learner({ name, momentum, betas, weight_decay }: OptimizerChoice): string {
  const decay = weight_decay === undefined ? [] : [`wd=${real(weight_decay)}`];
  const settings = {
    sgd: ["SGD", ...(momentum === undefined ? [] : [`mom=${real(momentum)}`])],
    adam: ["Adam", ...adamSettings(betas), "decouple_wd=False"],
    adamw: ["Adam", ...adamSettings(betas)],
    rmsprop: ["RMSProp", ...(momentum === undefined ? [] : [`mom=${real(momentum)}`])],
  }[name];
  return `# learn = Learner(dls, model, opt_func=partial(${[...settings, ...decay].join(", ")}))`;
}

const adamSettings = (betas: OptimizerChoice["betas"]): string[] =>
  betas === undefined ? [] : [`mom=${real(betas[0])}`, `sqr_mom=${real(betas[1])}`];

/** A training by fastai: one of its own methods, or the formula over the fraction of training that is done. */
export function emitFastai(job: Job): string {
  const { totalSteps, stepsPerEpoch } = job.shape;
  const epochs = Math.ceil(totalSteps / stepsPerEpoch);
  const steps = epochs * stepsPerEpoch;
  const { native, why } = choose(wantedOf(job, "fastai"));
  if (native !== null) {
    return program(job, native.imports, [learner(job.optimizer), native.call]);
  }
  const { name, functions, imports } = formula(job, NUMBERS);
  const momentum = momentumFunction(job, NUMBERS);
  const over = (call: string) => `lambda pct: ${call}(round(pct * ${steps}))`;
  const scheds = [
    `"lr": ${over(name)}`,
    ...(momentum.name === null ? [] : [`"mom": ${over(momentum.name)}`]),
  ];
  return program(job, [...imports, "from fastai.callback.schedule import ParamScheduler"], [
    because(why, "fastai has no schedule of this shape"),
    ...[...functions, ...momentum.functions].flatMap((lines) => [lines, ""]),
    learner(job.optimizer),
    `# ${steps} batches: ${epochs} ${epochs === 1 ? "epoch" : "epochs"} of ${stepsPerEpoch}`,
    `learn.fit(${epochs}, cbs=ParamScheduler({${scheds.join(", ")}}))`,
    ...momentum.notes,
  ]);
}
