import type { Learner, OptimizerSpec } from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { hasHostLosses } from "../segmentation.ts";
import type { Gpu } from "./gpu.ts";
import { WebgpuLearner } from "./learner.ts";
import { Lockstep } from "./lockstep.ts";
import type { Sources } from "./programs.ts";
import { ReplicaGroup } from "./replica_group.ts";
import { ReplicaLearner } from "./replica_learner.ts";
import { assertReplicas } from "./replicas.ts";

interface Open {
  readonly group: ReplicaGroup;
  readonly lockstep: Lockstep;
  /** Replicas that have no run. */
  readonly free: Set<number>;
  readonly key: string;
  readonly ready: Promise<void>;
}

/**
 * Learners of a device that trains up to `most` runs at once. Runs that differ in nothing but seed, rates, momentum,
 * decay and weights share their dispatches; one that comes later takes a place that is free, or opens another group.
 */
export class ReplicaGroups {
  readonly #gpu: Gpu;
  readonly #sources: Sources;
  readonly #most: number;
  readonly #open: Open[] = [];

  /** @throws {RangeError} for more runs than a dispatch has replicas. */
  constructor(gpu: Gpu, sources: Sources, most: number) {
    assertReplicas(most);
    this.#gpu = gpu;
    this.#sources = sources;
    this.#most = most;
  }

  /**
   * @throws {RangeError} where a buffer would be beyond the device's limit.
   * @throws {Error} where the device's memory does not suffice.
   */
  async createLearner(options: LearnerOptions): Promise<Learner> {
    // Losses of masks are the host's, step by step: such runs share the device and nothing else.
    if (this.#most === 1 || hasHostLosses(options)) {
      return await WebgpuLearner.open(this.#gpu, options, this.#sources);
    }
    const key = shapeOf(options);
    const found = this.#open.find(({ group, free, key: other }) =>
      other === key && group.options.data === options.data && free.size > 0
    );
    const open = found ?? this.#create(options, key);
    const { group, lockstep, free } = open;
    const replica = Math.min(...free);
    free.delete(replica);
    // From here on the others wait for this run, so that those which begin together stay together.
    const member = lockstep.join(replica);
    const learner = new ReplicaLearner(group, member, replica, () => {
      free.add(replica);
      if (free.size === this.#most) this.#close(open);
    });
    try {
      await open.ready;
      group.begin(replica, options);
      return learner;
    } catch (error) {
      learner[Symbol.dispose]();
      throw error;
    }
  }

  #create(options: LearnerOptions, key: string): Open {
    const group = new ReplicaGroup(this.#gpu, options, this.#most, this.#sources);
    const free = new Set(Array.from({ length: this.#most }, (_, replica) => replica));
    const ready = group.prepare();
    // Each learner that is opened meanwhile awaits it.
    ready.catch(() => {});
    const open = { group, lockstep: new Lockstep(), free, key, ready };
    this.#open.push(open);
    return open;
  }

  #close(open: Open): void {
    this.#open.splice(this.#open.indexOf(open), 1);
    open.group[Symbol.dispose]();
  }
}

/** Everything that the dispatches of a run depend on; runs of one shape can share them. */
function shapeOf(
  { model, optimizer, loss, batchSize, averages = [], gradientNorms = false }: LearnerOptions,
): string {
  return JSON.stringify([model, kernelsOf(optimizer), loss ?? null, batchSize, averages, gradientNorms]);
}

/** An optimizer without what comes to its kernels as data. */
function kernelsOf(optimizer: OptimizerSpec): unknown {
  const { weight_decay: _decay, reset_at_restart: _reset, groups, ...rest } = optimizer;
  const { momentum: _momentum, ...kernels } = { momentum: 0, ...rest };
  return [kernels, groups?.map(({ match }) => match) ?? []];
}
