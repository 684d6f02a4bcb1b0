import { BATCH_NORM_DECAY } from "../layers/batch_norm.ts";
import type { Kernels } from "./kernels.ts";
import type { Share, Stage } from "./stages.ts";

type Through = (stages: readonly Stage[], kernels: Kernels, share: Share) => void;

/** Ways through a network. */
const WAYS = {
  forward: (stages, kernels, share) => stages.forEach((stage) => stage.forward(kernels, share, true)),
  backward: (stages, kernels, share) =>
    stages.toReversed().forEach((stage) => stage.backward(kernels, share)),
  inference: (stages, kernels, share) => stages.forEach((stage) => stage.forward(kernels, share, false)),
} satisfies Readonly<Record<string, Through>>;

/** A kernel, or a sum over replicas, with its arguments. */
interface Call {
  readonly run: (...values: number[]) => unknown;
  readonly values: readonly number[];
}

/**
 * Passes through the stages of a network. The calls of a pass are the same for every batch of a size, since what changes
 * from step to step lies in memory: they are planned once, since planning them takes a tenth of the time of a small network's kernels.
 */
export class Passes {
  readonly #calls = new Map<string, readonly Call[]>();

  constructor(
    readonly stages: readonly Stage[],
    readonly kernels: Kernels,
    /** See {@link Share}. */
    readonly allReduce: Share["allReduce"],
  ) {}

  /**
   * @param size images here. @param total images in the whole batch. @param dropoutMask see {@link Share}; 0 drops nothing.
   */
  run(way: keyof typeof WAYS, size: number, total: number, dropoutMask = 0): void {
    const key = `${way} ${size} ${total} ${dropoutMask}`;
    let calls = this.#calls.get(key);
    if (!calls) {
      calls = this.#plan(way, { size, total, keep: BATCH_NORM_DECAY, dropoutMask });
      this.#calls.set(key, calls);
    }
    for (const { run, values } of calls) run(...values);
  }

  /** A forward pass that keeps `keep` of batch norm's moving statistics, where nothing is dropped. */
  estimate(size: number, total: number, keep: number): void {
    const share = { size, total, keep, dropoutMask: 0, allReduce: this.allReduce };
    WAYS.forward(this.stages, this.kernels, share);
  }

  #plan(way: keyof typeof WAYS, share: Omit<Share, "allReduce">): readonly Call[] {
    const calls: Call[] = [];
    const recorder = (run: Call["run"]) => (...values: number[]) => calls.push({ run, values });
    const recorders = Object.entries(this.kernels).map(([name, kernel]) => [name, recorder(kernel)] as const);
    const kernels = Object.fromEntries(recorders) as Kernels;
    WAYS[way](this.stages, kernels, { ...share, allReduce: recorder(this.allReduce) });
    return calls;
  }
}
