import type { Controls } from "#train/learner.ts";
import { entryOf } from "#train/optimizer.ts";
import type { Scalars } from "#train/optimizers/entry.ts";
import type { LearnerOptions } from "../device.ts";
import { checkAverage } from "../requests.ts";
import { groupsOf, ratesOf } from "../groups.ts";
import { CLIP_EPSILON } from "../reference/optimizer.ts";
import { advanceGroups, readScalars, scalarName, scalarNames, scalarSet, scalarSets } from "../scalars.ts";
import { averageName, slotName, STEPS } from "../state.ts";
import type { Kernels } from "./kernels.ts";
import { optimizerKernel, type OptimizerKernelName, type StepNumbers } from "./optimizer_kernels.ts";
import { type Range, rangesOf } from "./optimizer_ranges.ts";
import type { Plan } from "./plan.ts";
import type { Arena } from "./plane.ts";

/** A named array beside the weights. */
export interface OptimizerVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly at: number;
}

export interface Applied {
  readonly lr: number;
  readonly momentum: number;
  /** Before clipping; `null` where nobody needs it. */
  readonly gradientNorm: number | null;
}

/** The numbers that all calls of a step share. */
interface Step {
  readonly rates: readonly (number | null)[];
  readonly counts: Float32Array;
  readonly momentum: number;
  /** The factor of clipping. */
  readonly scale: number;
  readonly before: readonly Scalars[];
  readonly after: readonly Scalars[];
}

/** Slots, counts, scalars and averages of a replica, and the step that moves its weights by its gradients. */
export class Optimizer {
  readonly #options: LearnerOptions;
  readonly #plan: Plan;
  readonly #kernel: ReturnType<typeof optimizerKernel>;
  readonly #ranges: readonly Range[];
  /** One array for each slot and each average, in the layout of the weights. */
  readonly #slots: readonly number[];
  readonly #averages: ReadonlyMap<string, number>;
  readonly #counts: number;
  /** By name, set by set. */
  readonly #scalars: ReadonlyMap<string, number>;
  readonly #groups: number;
  /** Rate and momentum of the next step; behind them, those of the last. */
  readonly #controls: number;
  /** Two float64 for sums over all weights. */
  readonly #sums: number;
  /** Working memory of the kernel; 0 for none. */
  readonly #scratch: number;
  readonly variables: readonly OptimizerVariable[];

  /** `averages`: only one replica of a group needs them, since all have the same weights. */
  constructor(options: LearnerOptions, plan: Plan, arena: Arena, averages: readonly string[]) {
    const { model, optimizer } = options;
    const array = () => arena.floats(plan.trainableFloats);
    this.#options = options;
    this.#plan = plan;
    this.#kernel = optimizerKernel(optimizer);
    this.#ranges = rangesOf(options, this.#kernel.perTensor ?? false);
    this.#groups = optimizer.groups?.length ?? 0;
    const { slots } = entryOf(optimizer);
    this.#slots = slots.map(array);
    this.#averages = new Map(averages.map((name) => [name, array()]));
    this.#counts = arena.floats(1 + this.#groups);
    const sets = scalarSets(optimizer);
    this.#scalars = new Map(scalarNames(optimizer).map((name) => [name, arena.floats(sets)]));
    this.#controls = arena.floats(4);
    this.#sums = arena.allocate(16);
    const { scratchFloats } = this.#kernel;
    const hidden = this.#ranges.filter((range) => range.hidden);
    const floats = Math.max(0, ...hidden.map(({ shape }) => scratchFloats?.(shape!) ?? 0));
    this.#scratch = floats === 0 ? 0 : arena.floats(floats);

    const trainable = groupsOf(model, optimizer.groups).map(({ parameter }) => parameter);
    const beside = (at: number, name: (parameter: string) => string) =>
      trainable.map((parameter) => ({
        name: name(parameter.name),
        shape: parameter.shape,
        at: plan.addresses.get(parameter.name)! - plan.weights + at,
      }));
    this.variables = [
      ...slots.flatMap((slot, index) =>
        beside(this.#slots[index]!, (parameter) => slotName(parameter, slot))
      ),
      { name: STEPS, shape: [1 + this.#groups], at: this.#counts },
      ...[...this.#scalars].map(([name, at]) => ({ name: scalarName(name), shape: [sets], at })),
      ...[...this.#averages].flatMap(([name, at]) => beside(at, (parameter) => averageName(name, parameter))),
    ];
  }

  /** Moves the weights by the gradients that lie in the plan. */
  apply(kernels: Kernels, memory: WebAssembly.Memory, controls: Controls): Applied {
    const { optimizer, gradientNorms } = this.#options;
    const { gradients } = this.#plan;
    const cells = new Float32Array(memory.buffer, this.#controls, 4);
    const counts = new Float32Array(memory.buffer, this.#counts, 1 + this.#groups);
    const rates = ratesOf(controls, this.#groups);
    const momentum = Math.fround(controls.momentum);
    const moving = this.#ranges.filter(({ group }) => rates[group + 1] !== null);

    // 1. The reported norm is that of the gradient itself; what is clipped comes after.
    const norm = () =>
      Math.sqrt(moving.reduce(
        (sum, { offset, floats }) => sum + kernels.sumOfSquares(gradients + offset, floats),
        0,
      ));
    const gradientNorm = gradientNorms ? norm() : null;
    if (optimizer.clip_value != null) {
      for (const { offset, floats } of moving) {
        kernels.clampValues(gradients + offset, floats, optimizer.clip_value);
      }
    }
    const { clip_norm } = optimizer;
    const scale = clip_norm === null ? 1 : Math.min(1, clip_norm / (norm() + CLIP_EPSILON));

    // 2. Each group has had one more step, unless it is frozen.
    rates.forEach((rate, index) => counts[index]! += Number(rate !== null));
    const step = this.#numbers(kernels, memory, moving, { rates, counts, momentum, scale });

    // 3. The reported rate is that of the parameters in no group, read back; where all are in groups, the plan's.
    cells[1] = momentum;
    let own = [rates[0]!, momentum];
    for (const range of moving) {
      cells[0] = rates[range.group + 1]!;
      this.#call(kernels, this.#name(range), range, step, this.#controls + 8);
      if (range.group < 0) own = [...cells.subarray(2)];
    }
    return { lr: own[0]!, momentum: own[1]!, gradientNorm };
  }

  reset(kernels: Kernels, memory: WebAssembly.Memory): void {
    for (const slot of this.#slots) kernels.zero(slot, this.#plan.trainableFloats * 4);
    new Float32Array(memory.buffer, this.#counts, 1 + this.#groups).fill(0);
    for (const at of this.#scalars.values()) this.#sets(memory, at).fill(0);
  }

  /** @throws {RangeError} for a name that there is no average of. */
  average(kernels: Kernels, name: string, share: number): void {
    checkAverage(name, this.#averages.keys());
    kernels.moveTowards(this.#averages.get(name)!, this.#plan.weights, this.#plan.trainableFloats, share);
  }

  /** The scalars of a step, which are kept too. */
  #numbers(
    kernels: Kernels,
    memory: WebAssembly.Memory,
    moving: readonly Range[],
    step: Omit<Step, "before" | "after">,
  ): Step {
    const { optimizer } = this.#options;
    const { scalars } = entryOf(optimizer);
    const before = readScalars(optimizer, (name) => this.#sets(memory, this.#scalars.get(name)!));
    let after = advanceGroups(optimizer, before, step);
    if (scalars?.kind === "shared") {
      const sums = new Float64Array(memory.buffer, this.#sums, 2).fill(0);
      const cells = new Float32Array(memory.buffer, this.#controls, 2);
      for (const range of moving) {
        cells.set([step.rates[range.group + 1]!, step.momentum]);
        this.#call(kernels, this.#kernel.sums!, range, { ...step, before, after }, this.#sums);
      }
      after = [scalars.advance(optimizer, before[0]!, [...sums])];
    }
    for (const [name, at] of this.#scalars) this.#sets(memory, at).set(after.map((values) => values[name]!));
    return { ...step, before, after };
  }

  #sets(memory: WebAssembly.Memory, at: number): Float32Array {
    return new Float32Array(memory.buffer, at, scalarSets(this.#options.optimizer));
  }

  #name(range: Range): OptimizerKernelName {
    const { kernel } = this.#kernel;
    return typeof kernel === "string" ? kernel : kernel({ ...range, scratch: this.#scratch });
  }

  /** One kernel over a range; `into` is where it leaves the controls that it used, or its sums. */
  #call(kernels: Kernels, name: OptimizerKernelName, range: Range, step: Step, into: number): void {
    const { optimizer } = this.#options;
    const { offset, floats, group, decay } = range;
    const { counts, momentum, scale, before, after } = step;
    const set = scalarSet(optimizer, group);
    const scalars = { before: before[set]!, after: after[set]! };
    const constants = entryOf(optimizer).constants(optimizer, momentum, counts[group + 1]!, scalars);
    const numbers: StepNumbers = { constants, scalars };
    const arrays = [this.#plan.weights, this.#plan.gradients, ...this.#slots].map((at) => at + offset);
    const values = this.#kernel.values(optimizer, numbers, { ...range, scratch: this.#scratch });
    kernels[name](...arrays, floats, this.#controls, into, scale, decay, ...values);
  }
}
