/** Measured costs of a queue, in milliseconds of one core. */
export interface QueueCosts {
  /** Redis, for a run: adding, taking and ending its job, its state and its log's first and last entry. */
  readonly redisPerRun: number;
  /** Redis, for a thousand steps: further entries of its log, and looking for news. */
  readonly redisPerKilostep: number;
  /** The session, for a run: its folder, its job, its record. */
  readonly sessionPerRun: number;
  /** The session, for a thousand steps: events that are checked, shown and written to the disk. */
  readonly sessionPerKilostep: number;
  /** A worker, for a run, beside its training; an upper bound. */
  readonly workerPerRun: number;
}

export interface Simulated {
  readonly workers: number;
  /** Runs a second. */
  readonly throughput: number;
  /** Of what as many workers without a queue would reach. */
  readonly share: number;
  /** Share of the time that Redis and the session are busy. */
  readonly redisBusy: number;
  readonly sessionBusy: number;
}

export interface SimulateOptions {
  readonly runs?: number;
  /** Runs of one job: a job's costs come once for all of them. */
  readonly batch?: number;
  readonly msPerStep?: number;
}

/** Time between two entries of a run. */
const ENTRY_MS = 5000;
/** Runs in the queue for each worker, as a session keeps them there. */
const AHEAD = 3;

/**
 * A study of many runs by many workers, simulated: Redis and the session each serve one thing at a time, in the order in
 * which it comes. Workers train without each other; a run takes a time drawn from recorded ones. A worker takes the next
 * job when its own has ended, if one waits; the session puts another into the queue for each run that it has read.
 *
 * @param runMs recorded times of runs, in milliseconds.
 */
export function simulateQueue(
  workers: number,
  runMs: readonly number[],
  costs: QueueCosts,
  { runs = 20 * workers, batch = 1, msPerStep = 1 }: SimulateOptions = {},
): Simulated {
  const jobs = Math.ceil(runs / batch);
  const events = new Timeline();
  const redis = { free: 0, busy: 0 };
  const session = { free: 0, busy: 0 };
  const serve = (server: { free: number; busy: number }, now: number, ms: number): number => {
    server.free = Math.max(server.free, now) + ms;
    server.busy += ms;
    return server.free;
  };
  const idle: number[] = Array.from({ length: workers }, (_, index) => index);
  let [waiting, added, read, drawn, end, trained] = [0, 0, 0, 0, 0, 0];
  // Half of a run's costs come with its beginning, half with its end.
  const add = (now: number) => {
    added++;
    // Folders and plans are a run's own, however many a job has.
    const sent = serve(session, now, batch * costs.sessionPerRun / 2);
    events.at(serve(redis, sent, costs.redisPerRun / 2), () => {
      waiting++;
      assign(events.now);
    });
  };
  const assign = (now: number) => {
    if (waiting === 0 || idle.length === 0) return;
    waiting--;
    idle.pop();
    work(now, batch);
  };
  const work = (now: number, left: number) => {
    const ms = runMs[drawn++ % runMs.length]!;
    trained += ms;
    const busyMs = ms + costs.workerPerRun;
    const entries = Math.ceil(ms / ENTRY_MS);
    const kilosteps = ms / msPerStep / 1000 / entries;
    for (let entry = 1; entry <= entries; entry++) {
      events.at(now + entry * ms / entries, () => {
        const sent = serve(redis, events.now, costs.redisPerKilostep * kilosteps);
        events.at(sent, () => serve(session, events.now, costs.sessionPerKilostep * kilosteps));
      });
    }
    events.at(now + busyMs, () => {
      const isLast = left === 1;
      // The best case of a batch: all that Redis does for a run comes once for its job.
      const sent = serve(redis, events.now, isLast ? costs.redisPerRun / 2 : 0);
      events.at(sent, () => {
        if (isLast) {
          idle.push(0);
          assign(events.now);
        } else work(events.now, left - 1);
        events.at(serve(session, events.now, costs.sessionPerRun / 2), () => {
          end = Math.max(end, events.now);
          read++;
          if (isLast && added < jobs) add(events.now);
        });
      });
    });
  };
  for (let index = 0; index < Math.min(AHEAD * workers, jobs); index++) events.at(0, () => add(events.now));
  events.run();
  const meanMs = trained / read;
  const throughput = 1000 * read / end;
  return {
    workers,
    throughput,
    share: throughput / (1000 * workers / meanMs),
    redisBusy: redis.busy / end,
    sessionBusy: session.busy / end,
  };
}

/** What happens when, in a binary heap. */
class Timeline {
  now = 0;
  readonly #heap: { readonly at: number; readonly happen: () => void }[] = [];

  at(at: number, happen: () => void): void {
    const heap = this.#heap;
    heap.push({ at, happen });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (heap[parent]!.at <= heap[child]!.at) break;
      [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
      child = parent;
    }
  }

  run(): void {
    for (let next; (next = this.#first()) !== undefined;) {
      this.now = next.at;
      next.happen();
    }
  }

  #first(): { readonly at: number; readonly happen: () => void } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let parent = 0;;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      let least = parent;
      if (left < heap.length && heap[left]!.at < heap[least]!.at) least = left;
      if (right < heap.length && heap[right]!.at < heap[least]!.at) least = right;
      if (least === parent) return first;
      [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
      parent = least;
    }
  }
}
