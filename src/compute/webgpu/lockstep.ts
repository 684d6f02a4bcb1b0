/**
 * An operation on several replicas in one: `run` takes the job of each, in rising order of replicas, and gives the result
 * of each. Jobs of the same key are done together.
 */
export interface Operation<Job, Result> {
  readonly key: string;
  /** True for a training step, which waits for those of all members. */
  readonly isStep: boolean;
  readonly job: Job;
  readonly run: (jobs: readonly Job[]) => readonly Result[] | Promise<readonly Result[]>;
}

interface Call {
  readonly key: string;
  readonly isStep: boolean;
  /** Does this call's operation for all of the calls, of which it is one. */
  readonly run: (calls: readonly Call[]) => void;
  readonly job: unknown;
  readonly settle: (result: Promise<unknown>) => void;
}

/** One that takes its turn with the others. */
export interface Member {
  /** Asks for an operation, after those that this member asked for before. */
  ask<Job, Result>(operation: Operation<Job, Result>): Promise<Result>;
  /** Leaves the others, who wait no more; what was asked for and not done is dropped. */
  leave(): void;
}

/**
 * Lets members that each work through a sequence of operations do the same ones together. Nothing begins before each
 * member has asked for something; then operations that are no step come first, those of one key together, and only when
 * all ask for a step it is taken: so a member that evaluates more often is waited for, and steps stay together.
 */
export class Lockstep {
  /** Calls that wait, by member, in rising order. */
  readonly #waiting = new Map<number, Call[]>();
  #isAtWork = false;

  /** @throws {Error} for a number that another member has. */
  join(number: number): Member {
    if (this.#waiting.has(number)) throw new Error(`Member ${number} takes part already`);
    const members = [...this.#waiting, [number, []] as [number, Call[]]].sort(([a], [b]) => a - b);
    this.#waiting.clear();
    for (const [each, calls] of members) this.#waiting.set(each, calls);
    const calls = this.#waiting.get(number)!;
    return {
      ask: <Job, Result>({ key, isStep, job, run }: Operation<Job, Result>) =>
        new Promise<Result>((resolve, reject) => {
          calls.push({
            key,
            isStep,
            job,
            settle: (result) => void result.then((value) => resolve(value as Result), reject),
            run: (together) => {
              // Calls of one key are of one operation.
              const results = begun(() => run(together.map(({ job }) => job as Job)));
              together.forEach(({ settle }, index) => settle(results.then((all) => all[index])));
            },
          });
          this.#proceed();
        }),
      leave: () => {
        this.#waiting.delete(number);
        this.#proceed();
      },
    };
  }

  #proceed(): void {
    // An operation may ask for another before it returns.
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    try {
      for (let heads = this.#heads(); heads !== null; heads = this.#heads()) {
        const others = heads.filter((calls) => !calls[0]!.isStep);
        const chosen = (others.length > 0 ? others : heads).map((calls) => calls.shift()!);
        const groups = Map.groupBy(chosen, ({ key }) => key);
        for (const together of groups.values()) together[0]!.run(together);
      }
    } finally {
      this.#isAtWork = false;
    }
  }

  /** The calls of each member, where each has one. */
  #heads(): Call[][] | null {
    const all = [...this.#waiting.values()];
    return all.length > 0 && all.every((calls) => calls.length > 0) ? all : null;
  }
}

/** What `work` returns or throws, as a promise. */
async function begun<T>(work: () => T | Promise<T>): Promise<T> {
  return await work();
}
