import { entryOf } from "#schedules/entries.ts";
import type { PythonFeedback } from "#schedules/frameworks/exports.ts";
import { type OptimizerChoice, torchClass, torchOptimizer } from "#schedules/frameworks/optimizer.ts";
import { innerSchedules, plainValues } from "#schedules/resolve.ts";
import type { BuiltSchedule, RunShape, ScheduleSpec } from "#schedules/schedule.ts";
import { FunctionWriter, pythonName } from "./formula.ts";
import type { Job } from "./job.ts";
import { program } from "./program.ts";
import { NUMBERS } from "./style.ts";

/** The libraries whose schedulers are objects with a state, so that they can take an evaluation. */
export type ObservingLibrary = "pytorch" | "lightning" | "transformers";

/**
 * Python for a schedule that depends on evaluations, with all that it is wrapped in, as one scheduler: a LambdaLR that
 * is stepped after each step, takes each evaluation by `observe(metric)`, and whose `state_dict()` has everything, so
 * that a run resumes exactly.
 *
 * @throws {RangeError} for a schedule with two parts that depend on evaluations, or with one that has no state here.
 */
export function emitFeedback(job: Job, library: ObservingLibrary): string {
  const { spec, shape, built, registry } = job;
  const refuse = (why: string) => new RangeError(`Cannot emit ${spec.name} for ${library}: ${why}`);
  const writer = new ObservedWriter(job);
  const name = writer.schedule(spec);
  const { feedback } = writer;
  if (feedback === null) throw refuse("its rates depend on evaluations");
  const window = observedWindow(built, shape);
  if (window === null) throw refuse("no evaluation of this run reaches the part that depends on them");
  const uses = (word: string) => [...writer.functions, ...feedback.lines].some((line) => line.includes(word));
  const className = `${titled(pythonName(spec.name, registry))}LR`;
  const body = [
    `class ${feedback.className}:`,
    ...indented(feedback.lines),
    "",
    "",
    "def rates(state):",
    '    """The rate of step t in a state of the evaluations."""',
    ...indented(writer.functions.flatMap((lines) => [...lines.split("\n"), ""])),
    `    return ${name}`,
    "",
    "",
    ...schedulerClass(className, feedback.className, observes(window, shape)),
    "",
    "",
    ...USE[library](className, job.optimizer, feedback.metric),
  ];
  const imports = [
    ...(uses("math.") ? ["import math"] : []),
    ...(uses("bisect_right(") ? ["from bisect import bisect_right"] : []),
    ...(library === "lightning" ? ["import lightning as L"] : []),
    `from torch.optim import ${torchClass(job.optimizer)}`,
    "from torch.optim.lr_scheduler import LambdaLR",
    ...(library === "transformers" ? ["from transformers import TrainerCallback"] : []),
  ];
  return program(job, imports, body);
}

/** Writes the one schedule that depends on evaluations as a function that reads its state. */
class ObservedWriter extends FunctionWriter {
  feedback: PythonFeedback | null = null;

  constructor({ spec, shape, registry }: Job) {
    super(NUMBERS, shape, registry);
    this.free("state");
    this.free("rates");
    const observers = observersIn(spec, this.registry);
    if (observers > 1) {
      throw new RangeError(`Cannot emit ${spec.name}: ${observers} of its parts depend on evaluations`);
    }
  }

  override schedule(spec: ScheduleSpec): string {
    const values = plainValues(spec, this.shape, this.registry);
    const found = entryOf(spec.name, this.registry)?.exports?.feedback?.(values, this);
    if (found === undefined) return super.schedule(spec);
    this.feedback = found;
    const name = this.define(pythonName(spec.name, this.registry), "", found.rate);
    if (spec.update !== "epoch") return name;
    return this.define(`${name}_per_epoch`, "", [`return ${name}(t - t % ${this.shape.stepsPerEpoch})`]);
  }
}

function observersIn(spec: ScheduleSpec, registry: Job["registry"]): number {
  const own = entryOf(spec.name, registry)?.exports?.feedback === undefined ? 0 : 1;
  return innerSchedules(spec, registry).reduce((sum, inner) => sum + observersIn(inner.spec, registry), own);
}

/** First step before which an evaluation changes the state, and the one past the last; `null` for none. */
function observedWindow({ feedback }: BuiltSchedule, { totalSteps }: RunShape): [number, number] | null {
  const before = JSON.stringify(feedback!.init());
  const changes = (step: number) =>
    JSON.stringify(feedback!.observe(feedback!.init(), { step, loss: 1, metric: 1 })) !== before;
  let first = 0;
  while (first <= totalSteps && !changes(first)) first++;
  if (first > totalSteps) return null;
  let end = first + 1;
  while (end <= totalSteps && changes(end)) end++;
  return [first, end];
}

/** The condition under which an evaluation counts; empty for always. */
function observes([first, end]: [number, number], { totalSteps }: RunShape): string {
  if (end <= totalSteps) return `${first} <= self.last_epoch < ${end}`;
  return first === 0 ? "" : `self.last_epoch >= ${first}`;
}

function schedulerClass(name: string, state: string, condition: string): string[] {
  const observe = "self.evaluations.observe(metric)";
  return [
    `class ${name}(LambdaLR):`,
    '    """Step it after each step; state_dict() has the state of the evaluations too."""',
    "",
    "    def __init__(self, optimizer):",
    `        self.evaluations = ${state}()`,
    "        super().__init__(optimizer, rates(self.evaluations))",
    "",
    "    def observe(self, metric):",
    '        """Call it after each evaluation, once the scheduler has been stepped."""',
    ...(condition === "" ? [`        ${observe}`] : [`        if ${condition}:`, `            ${observe}`]),
    "        self._last_lr = [base * rate(self.last_epoch) for base, rate in zip(self.base_lrs, self.lr_lambdas)]",
    "        for group, lr in zip(self.optimizer.param_groups, self._last_lr):",
    '            group["lr"] = lr',
    "",
    "    def state_dict(self):",
    '        return {**super().state_dict(), "evaluations": dict(vars(self.evaluations))}',
    "",
    "    def load_state_dict(self, state):",
    '        vars(self.evaluations).update(state["evaluations"])',
    '        super().load_state_dict({**state, "evaluations": self.evaluations})',
  ];
}

const METRICS: Readonly<Record<string, string>> = {
  validation_loss: "loss",
  validation_accuracy: "accuracy",
};

const USE: Readonly<
  Record<ObservingLibrary, (scheduler: string, optimizer: OptimizerChoice, metric: string) => string[]>
> = {
  pytorch: (scheduler, optimizer, metric) => [
    ...made(scheduler, optimizer),
    "# after each optimizer.step(): scheduler.step()",
    `# after each evaluation: scheduler.observe(${metric})`,
    "# to resume: scheduler.load_state_dict(…) and optimizer.load_state_dict(…)",
  ],
  transformers: (scheduler, optimizer, metric) => [
    "class Evaluations(TrainerCallback):",
    "    def on_evaluate(self, args, state, control, metrics=None, **kwargs):",
    `        scheduler.observe(metrics["eval_${METRICS[metric] ?? metric}"])`,
    "",
    "",
    ...made(scheduler, optimizer),
    "# Trainer(…, optimizers=(optimizer, scheduler), callbacks=[Evaluations()]) steps, saves and resumes it",
  ],
  lightning: (scheduler, optimizer, metric) => [
    "class Scheduled(L.LightningModule):",
    "    def configure_optimizers(self):",
    `        optimizer = ${
      torchOptimizer(optimizer, "1.0", "self.parameters()")
    }  # the scheduler gives the rate itself`,
    `        scheduler = ${scheduler}(optimizer)`,
    '        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}',
    "",
    "    def on_validation_epoch_end(self):",
    "        if not self.trainer.sanity_checking:",
    `            metric = self.trainer.callback_metrics["val_${METRICS[metric] ?? metric}"]`,
    "            self.lr_schedulers().observe(metric.item())",
  ],
};

const made = (scheduler: string, optimizer: OptimizerChoice): string[] => [
  `optimizer = ${torchOptimizer(optimizer, "1.0")}  # 1.0, as the scheduler gives the rate itself`,
  `scheduler = ${scheduler}(optimizer)`,
];

const titled = (name: string): string =>
  name.split("_").map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");

const indented = (lines: readonly string[]): string[] =>
  lines.map((line) => line === "" ? "" : `    ${line}`);
