import type { Controls } from "#train/learner.ts";
import { entryOf } from "#train/optimizer.ts";
import type { LearnerOptions } from "../device.ts";
import { groupsOf, ratesOf } from "../groups.ts";
import { CLIP_EPSILON } from "../reference/optimizer.ts";
import { averageName, slotName, STEPS } from "../state.ts";
import type { Kernels } from "./kernels.ts";
import { optimizerKernel } from "./optimizer_kernels.ts";
import { paddedFloats, type Plan } from "./plan.ts";
import type { Arena } from "./plane.ts";

/** Neighbouring parameters that share rate and decay, as bytes from the start of the arrays and a number of floats. */
interface Range {
  readonly group: number;
  readonly offset: number;
  readonly floats: number;
}

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

/** Slots, counts and averages of a replica, and the step that moves its weights by its gradients. */
export class Optimizer {
  readonly #options: LearnerOptions;
  readonly #plan: Plan;
  readonly #kernel: ReturnType<typeof optimizerKernel>;
  readonly #ranges: readonly Range[];
  /** One array for each slot and each average, in the layout of the weights. */
  readonly #slots: readonly number[];
  readonly #averages: ReadonlyMap<string, number>;
  readonly #counts: number;
  readonly #groups: number;
  /** Rate and momentum of the next step; behind them, those of the last. */
  readonly #controls: number;
  readonly variables: readonly OptimizerVariable[];

  /** `averages`: only one replica of a group needs them, since all have the same weights. */
  constructor(options: LearnerOptions, plan: Plan, arena: Arena, averages: readonly string[]) {
    const { model, optimizer } = options;
    const array = () => arena.floats(plan.trainableFloats);
    this.#options = options;
    this.#plan = plan;
    this.#ranges = rangesOf(options);
    this.#groups = optimizer.groups?.length ?? 0;
    const { slots } = entryOf(optimizer);
    this.#kernel = optimizerKernel(optimizer);
    this.#slots = slots.map(array);
    this.#averages = new Map(averages.map((name) => [name, array()]));
    this.#counts = arena.floats(1 + this.#groups);
    this.#controls = arena.floats(4);

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

    // 3. The reported rate is that of the parameters in no group, read back; where all are in groups, the plan's.
    cells[1] = momentum;
    let own = [rates[0]!, momentum];
    for (const range of moving) {
      cells[0] = rates[range.group + 1]!;
      this.#update(kernels, range, scale, counts[range.group + 1]!, momentum);
      if (range.group < 0) own = [...cells.subarray(2)];
    }
    return { lr: own[0]!, momentum: own[1]!, gradientNorm };
  }

  reset(kernels: Kernels, memory: WebAssembly.Memory): void {
    for (const slot of this.#slots) kernels.zero(slot, this.#plan.trainableFloats * 4);
    new Float32Array(memory.buffer, this.#counts, 1 + this.#groups).fill(0);
  }

  /** @throws {RangeError} for a name that there is no average of. */
  average(kernels: Kernels, name: string, share: number): void {
    const at = this.#averages.get(name);
    if (at === undefined) {
      const known = [...this.#averages.keys()].join(", ") || "none";
      throw new RangeError(`No average is called ${JSON.stringify(name)}; there is ${known}`);
    }
    kernels.moveTowards(at, this.#plan.weights, this.#plan.trainableFloats, share);
  }

  #update(kernels: Kernels, range: Range, scale: number, count: number, momentum: number): void {
    const { optimizer } = this.#options;
    const { kernel, values } = this.#kernel;
    const { offset, floats } = range;
    const arrays = [this.#plan.weights, this.#plan.gradients, ...this.#slots].map((at) => at + offset);
    const controls = [this.#controls, this.#controls + 8, scale];
    const decay = optimizer.groups?.[range.group]?.weight_decay ?? optimizer.weight_decay;
    const constants = entryOf(optimizer).constants(optimizer, momentum, count);
    kernels[kernel](...arrays, floats, ...controls, decay, ...values(optimizer, constants));
  }
}

function rangesOf({ model, optimizer }: LearnerOptions): Range[] {
  const ranges: Range[] = [];
  let offset = 0;
  for (const { parameter, group } of groupsOf(model, optimizer.groups)) {
    const floats = paddedFloats(parameter.shape);
    const last = ranges.at(-1);
    if (last?.group === group) ranges[ranges.length - 1] = { ...last, floats: last.floats + floats };
    else ranges.push({ group, offset, floats });
    offset += floats * 4;
  }
  return ranges;
}
