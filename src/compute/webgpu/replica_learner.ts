import type { Split } from "#train/data.ts";
import type {
  AppliedUpdate,
  Batch,
  Controls,
  Evaluation,
  Gradients,
  Learner,
  LearnerState,
} from "#train/learner.ts";
import { evaluate, predict } from "./inference.ts";
import type { Member } from "./lockstep.ts";
import type { ReplicaGroup } from "./replica_group.ts";

/**
 * One run of a group that trains several at once: its calls take effect together with the same calls of the others, so
 * that a step of all is one list of dispatches. Numbers are those of the run alone, to the bit.
 */
export class ReplicaLearner implements Learner {
  readonly #group: ReplicaGroup;
  readonly #member: Member;
  readonly #replica: number;
  readonly #onEnd: () => void;

  constructor(group: ReplicaGroup, member: Member, replica: number, onEnd: () => void) {
    this.#group = group;
    this.#member = member;
    this.#replica = replica;
    this.#onEnd = onEnd;
  }

  async update(batch: Batch, controls: Controls): Promise<void> {
    this.#group.gpu.assertHealthy();
    await this.#member.ask({
      key: `update ${batch.indices.length}`,
      isStep: true,
      job: { replica: this.#replica, batch, controls },
      run: (steps) => {
        this.#group.update(steps);
        return steps;
      },
    });
  }

  losses(): Promise<readonly AppliedUpdate[]> {
    return this.#each("losses", (replica) => this.#group.losses(replica));
  }

  evaluate(split: Split): Promise<Evaluation> {
    if (this.#group.options.data[split].count === 0) {
      return Promise.reject(new RangeError(`Cannot evaluate on ${split}: it has no images`));
    }
    return this.#ask(`evaluate ${split}`, this.#replica, (taking) => evaluate(this.#group, split, taking));
  }

  predict(split: Split, images?: readonly number[]): Promise<Float32Array> {
    return this.#ask(
      `predict ${split} ${images}`,
      this.#replica,
      (taking) => predict(this.#group, split, images, taking),
    );
  }

  resetOptimizer(): void {
    this.#queue(this.#each("reset", (replica) => this.#group.store.resetOptimizer(replica)));
  }

  average(name: string, share: number): void {
    this.#group.updater.assertAverage(name);
    const job = { replica: this.#replica, share };
    this.#queue(this.#ask(`average ${name}`, job, (shares) => {
      this.#group.updater.average(name, shares);
      return shares;
    }));
  }

  estimateStatistics(batch: Batch, keep: number): void {
    this.#group.checkStatisticsBatch(batch);
    const job = { replica: this.#replica, batch, keep };
    this.#queue(this.#ask(`statistics ${batch.indices.length}`, job, (passes) => {
      this.#group.estimateStatistics(passes);
      return passes;
    }));
  }

  gradients(batch: Batch): Promise<Gradients> {
    const job = { replica: this.#replica, batch };
    return this.#ask(`gradients ${batch.indices.length}`, job, (passes) => this.#group.gradients(passes));
  }

  save(): Promise<LearnerState> {
    return this.#each("save", (replica) => this.#group.save(replica));
  }

  /** A state that does not fit is this run's alone, so nobody else's is loaded with it. */
  load(state: LearnerState): Promise<void> {
    return this.#each(`load ${this.#replica}`, (replica) => this.#group.store.load(replica, state));
  }

  [Symbol.dispose](): void {
    this.#member.leave();
    this.#onEnd();
  }

  /** An operation that goes through the replicas one by one. */
  #each<Result>(key: string, run: (replica: number) => Result | Promise<Result>): Promise<Result> {
    return this.#ask(key, this.#replica, (replicas) => Promise.all(replicas.map(run)));
  }

  #ask<Job, Result>(
    key: string,
    job: Job,
    run: (jobs: readonly Job[]) => readonly Result[] | Promise<readonly Result[]>,
  ): Promise<Result> {
    this.#group.gpu.assertHealthy();
    return this.#member.ask({ key, isStep: false, job, run });
  }

  /** Nobody waits for it; whoever asks next gets what the device reported. */
  #queue(done: Promise<unknown>): void {
    done.catch(() => {});
  }
}
