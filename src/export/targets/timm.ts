import { torchClass, torchOptimizer } from "#schedules/frameworks/optimizer.ts";
import { real } from "#schedules/frameworks/python.ts";
import { choose, choosePerEpoch } from "../choose.ts";
import { type Job, wantedOf } from "../job.ts";
import { because, className, formula, momentumFunction, program } from "../program.ts";
import { NUMBERS } from "../style.ts";
import { momentumAssignment } from "./torch.ts";

const PER_STEP = "# after update number n = 1, 2, ...: scheduler.step_update(num_updates=n)";
const PER_EPOCH = "# after epoch number n = 1, 2, ...: scheduler.step(n)";

/** A script for timm, which ends in `scheduler`: a class of its own, or one with the formula. */
export function emitTimm(job: Job): string {
  const wanted = wantedOf(job, "timm");
  const perEpoch = choosePerEpoch(wanted);
  const { native, why } = choose(wanted);
  const chosen = perEpoch ?? native;
  const optimizerImport = `from torch.optim import ${torchClass(job.optimizer)}`;
  if (chosen !== null) {
    return program(job, [...chosen.imports, optimizerImport], [
      `optimizer = ${torchOptimizer(job.optimizer, real(chosen.base!))}`,
      `scheduler = ${
        perEpoch === null ? chosen.call : chosen.call.replace("t_in_epochs=False", "t_in_epochs=True")
      }`,
      perEpoch === null ? PER_STEP : PER_EPOCH,
    ]);
  }
  const { name, functions, imports } = formula(job, NUMBERS);
  const momentum = momentumFunction(job, NUMBERS);
  return program(job, [...imports, "from timm.scheduler.scheduler import Scheduler", optimizerImport], [
    because(why, "timm has no scheduler of this shape"),
    ...[...functions, ...momentum.functions].flatMap((lines) => [lines, ""]),
    `class ${className(name)}(Scheduler):`,
    "    def __init__(self, optimizer):",
    '        super().__init__(optimizer, "lr", t_in_epochs=False)',
    "        self.update_groups(self._get_lr(0))",
    "",
    "    def _get_lr(self, t):",
    `        return [base * ${name}(t) for base in self.base_values]`,
    "",
    `optimizer = ${torchOptimizer(job.optimizer, "1.0")}  # 1.0, as ${name} gives the rate itself`,
    `scheduler = ${className(name)}(optimizer)`,
    PER_STEP,
    ...(momentum.name === null ? [] : [
      `# before update number t = 0, 1, ...: for group in optimizer.param_groups: ${
        momentumAssignment(job, `${momentum.name}(t)`)
      }`,
    ]),
    ...momentum.notes,
  ]);
}
