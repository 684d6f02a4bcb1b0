/**
 * The process group of a data-parallel run: shared memory, a barrier, and all-reduce in the order of the ranks, so
 * that the result has the same bits whatever the timing of the threads.
 *
 * Every replica makes the same calls in the same order. Areas that are written in one call and read behind a barrier
 * come in two copies, used in turn: the barrier of the call between keeps a fast replica from overwriting what a
 * slow one still reads.
 */

/** Longest wait for a replica at work, after which it counts as lost. */
const LOST_AFTER_MS = 60_000;
/** Looks at a barrier before the thread sleeps: some tens of microseconds. */
const SPINS = 2_000;

/** Positions in the control words. */
const ARRIVED = 0, PHASE = 1, FAILED = 2;
const CONTROL_WORDS = 4;

/** Plain data that makes a {@link ProcessGroup} in every thread. */
export interface ProcessGroupBuffers {
  readonly size: number;
  /** Numbers in the longest sum of float32, and of float64. */
  readonly floats: number;
  readonly doubles: number;
  readonly control: SharedArrayBuffer;
  readonly shared: SharedArrayBuffer;
}

export function createProcessGroupBuffers(
  size: number,
  floats: number,
  doubles: number,
): ProcessGroupBuffers {
  const bytes = 2 * size * (doubles * 8 + floats * 4);
  return {
    size,
    floats,
    doubles,
    control: new SharedArrayBuffer(CONTROL_WORDS * 4),
    shared: new SharedArrayBuffer(bytes),
  };
}

/** One rank of a process group. */
export class ProcessGroup {
  readonly size: number;
  readonly #control: Int32Array;
  readonly #floats: readonly (readonly Float32Array[])[];
  readonly #doubles: readonly (readonly Float64Array[])[];
  #turn = 0;

  constructor({ size, floats, doubles, control, shared }: ProcessGroupBuffers, readonly rank: number) {
    this.size = size;
    this.#control = new Int32Array(control);
    const slots = (make: (slot: number) => Float64Array | Float32Array) =>
      [0, 1].map((turn) => Array.from({ length: size }, (_, replica) => make(turn * size + replica)));
    this.#doubles = slots((slot) =>
      new Float64Array(shared, slot * doubles * 8, doubles)
    ) as Float64Array[][];
    const start = 2 * size * doubles * 8;
    this.#floats = slots((slot) =>
      new Float32Array(shared, start + slot * floats * 4, floats)
    ) as Float32Array[][];
  }

  /** Replaces `values`, in every replica, by the sum over replicas 0, 1, 2 … in that order. */
  allReduce(values: Float32Array | Float64Array): void {
    const copies = (values instanceof Float64Array ? this.#doubles : this.#floats)[this.#turn]!;
    this.#turn = 1 - this.#turn;
    copies[this.rank]!.set(values);
    this.barrier();
    const first = copies[0]!;
    for (let index = 0; index < values.length; index++) values[index] = first[index]!;
    for (let replica = 1; replica < this.size; replica++) {
      const copy = copies[replica]!;
      for (let index = 0; index < values.length; index++) values[index]! += copy[index]!;
    }
  }

  /**
   * Waits until every replica has come here.
   *
   * @throws {Error} where another replica has failed, or does not come in time.
   */
  barrier(timeoutMs = LOST_AFTER_MS): void {
    const phase = Atomics.load(this.#control, PHASE);
    this.#assertWhole();
    if (Atomics.add(this.#control, ARRIVED, 1) === this.size - 1) {
      Atomics.store(this.#control, ARRIVED, 0);
      Atomics.add(this.#control, PHASE, 1);
      Atomics.notify(this.#control, PHASE);
    } else if (this.#sleep(phase, timeoutMs) === "timed-out") {
      throw new Error(`A worker of this run did not answer for ${timeoutMs / 1000} s`);
    }
    this.#assertWhole();
  }

  #assertWhole(): void {
    if (Atomics.load(this.#control, FAILED) !== 0) throw new Error("A worker of this run has failed");
  }

  /** Waits for the next phase. */
  #sleep(phase: number, timeoutMs: number): "ok" | "timed-out" {
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(this.#control, PHASE) !== phase) return "ok";
    }
    // The replica that came last may be put to sleep between its change of the phase and its notification, which then
    // wakes those that already wait at the next barrier: to be woken does not mean that the phase has changed.
    while (Atomics.load(this.#control, PHASE) === phase) {
      if (Atomics.wait(this.#control, PHASE, phase, timeoutMs) === "timed-out") return "timed-out";
    }
    return "ok";
  }

  /** Wakes the others out of their barriers, with an error. */
  fail(): void {
    Atomics.store(this.#control, FAILED, 1);
    Atomics.add(this.#control, PHASE, 1);
    Atomics.notify(this.#control, PHASE);
  }
}
