import { Queue, Worker } from "bullmq";
import { join } from "node:path";
import { readEvents } from "#results/events.ts";
import { endOf } from "#results/run.ts";
import { spawn } from "../../../support/cli.ts";
import { startWorker, type TestWorker } from "../../../support/queue_worker.ts";
import { startRedis, type TestRedis } from "../../../support/redis.ts";
import type { QueueCosts } from "./simulate.ts";

/** Clock ticks a second of Linux' processor times. */
const TICKS = 100;
const SPEC = (seeds: number, steps: number) =>
  `name: scaling
dataset: { name: shapes-16, train: 256, validation: 16, test: 16 }
model: cnn-tiny
batch_size: 16
duration: ${steps} steps
seeds: [${Array.from({ length: seeds }, (_, index) => index + 1)}]
arms:
  - { name: plain, schedule: { name: cosine, lr: 0.01, T_max: 100% } }
`;

/** Processor time of a process so far, in milliseconds. */
async function cpuMs(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name may hold spaces; after it comes the state, field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS;
}

async function redisCpuMs({ client }: TestRedis): Promise<number> {
  const info = await client.info("cpu");
  const of = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)![1]);
  return 1000 * (of("used_cpu_user") + of("used_cpu_sys"));
}

/** One study through a queue. */
export interface Measured {
  readonly workers: number;
  readonly runs: number;
  readonly wallS: number;
  /** Processor time in milliseconds, of all runs. */
  readonly redisMs: number;
  readonly sessionMs: number;
  readonly workersMs: number;
  /** Of a second session, which asks for the same runs and only reads what came of them. */
  readonly readingMs: number;
  /** Recorded training times of the runs, in milliseconds. */
  readonly runMs: readonly number[];
}

const IDLE_S = 5;
/** Steps of short and of long runs. */
const [SHORT, LONG] = [16, 2000];

const tasksetOf = (index: number) => String(index % navigator.hardwareConcurrency);

/** Keeps a process, with all its threads, on one core. */
async function pin(pid: number, core: string): Promise<void> {
  const { success } = await new Deno.Command("taskset", {
    args: ["--all-tasks", "--cpu-list", "--pid", core, String(pid)],
    stdout: "null",
  }).output();
  if (!success) throw new Error("taskset failed: install util-linux");
}

/** Trains a study of `runs` runs of `steps` steps by workers that have one core each, as far as there are cores. */
export async function measureStudy(workers: number, runs: number, steps: number): Promise<Measured> {
  const folder = await Deno.makeTempDir();
  await using redis = await startRedis();
  const started: TestWorker[] = [];
  try {
    for (let index = 0; index < workers; index++) {
      const worker = await startWorker(redis.url, ["--takeover", "30"]);
      started.push(worker);
      await worker.says(/Worker .* at /);
      await pin(worker.pid, tasksetOf(index));
    }
    const spec = join(folder, "spec.yaml");
    await Deno.writeTextFile(spec, SPEC(runs, steps));
    const cpuBefore = await Promise.all(started.map(({ pid }) => cpuMs(pid)));
    const redisBefore = await redisCpuMs(redis);
    const out = join(folder, "one", "out");
    const { wallS, sessionMs } = await runSession([spec, "--out", out, "--queue", redis.url, "--fresh"]);
    const redisMs = await redisCpuMs(redis) - redisBefore;
    const cpuAfter = await Promise.all(started.map(({ pid }) => cpuMs(pid)));
    const again = await runSession([spec, "--out", join(folder, "two", "out"), "--queue", redis.url]);
    return {
      workers,
      runs,
      wallS,
      redisMs,
      sessionMs,
      readingMs: again.sessionMs,
      workersMs: cpuAfter.reduce((sum, after, index) => sum + after - cpuBefore[index]!, 0),
      runMs: await runTimes(out),
    };
  } finally {
    await Promise.all(started.map((worker) => worker[Symbol.asyncDispose]()));
    await Deno.remove(folder, { recursive: true });
  }
}

/** A session from its start to its end, and its processor time. */
async function runSession(args: readonly string[]): Promise<{ wallS: number; sessionMs: number }> {
  const at = performance.now();
  const session = await spawn("queue", ["train", ...args, "--threads", "1", "--format", "json"]);
  let sessionMs = 0;
  const watch = setInterval(async () => {
    sessionMs = await cpuMs(session.pid).catch(() => sessionMs);
  }, 20);
  const { code, stderr } = await session.output();
  clearInterval(watch);
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return { wallS: (performance.now() - at) / 1000, sessionMs };
}

/** What Redis does a second while a worker waits for jobs, in milliseconds of processor time. */
async function idleRedis(): Promise<number> {
  await using redis = await startRedis();
  await using worker = await startWorker(redis.url);
  await worker.says(/Worker .* at /);
  const before = await redisCpuMs(redis);
  await new Promise((done) => setTimeout(done, 1000 * IDLE_S));
  return (await redisCpuMs(redis) - before) / IDLE_S;
}

async function runTimes(out: string): Promise<number[]> {
  const times: number[] = [];
  for await (const { name } of Deno.readDir(join(out, "runs"))) {
    const path = join(out, "runs", name, "events.jsonl");
    const end = endOf({ events: readEvents(await Deno.readTextFile(path), path) })!;
    times.push(end.step * (end.ms_per_step ?? 0));
  }
  return times;
}

/**
 * Costs by differences, so that what a process needs to start drops out: of studies with few and with many short runs
 * for those of a run, and of short and long runs for those of a thousand steps. Those of a session are measured on one
 * that reads finished runs, those of Redis without what it does while nothing happens.
 */
export async function measureCosts(): Promise<
  { costs: QueueCosts; runMs: readonly number[]; steps: number }
> {
  const idle = await idleRedis();
  const [few, many] = [await measureStudy(1, 10, SHORT), await measureStudy(1, 90, SHORT)];
  const long = await measureStudy(1, 10, LONG);
  const redis = ({ redisMs, wallS }: Measured) => redisMs - idle * wallS;
  const perRun = (of: (one: Measured) => number) =>
    Math.max(0, (of(many) - of(few)) / (many.runs - few.runs));
  const perKilostep = (of: (one: Measured) => number) =>
    Math.max(0, 1000 * (of(long) - of(few)) / (long.runs * (LONG - SHORT)));
  return {
    costs: {
      redisPerRun: perRun(redis),
      redisPerKilostep: perKilostep(redis),
      sessionPerRun: perRun(({ readingMs }) => readingMs),
      sessionPerKilostep: perKilostep(({ readingMs }) => readingMs),
      workerPerRun: perRun(({ workersMs }) => workersMs),
    },
    runMs: long.runMs,
    steps: LONG,
  };
}

/** BullMQ alone: jobs that do nothing. */
export async function measureBullmq(
  jobs: number,
): Promise<{ readonly wallMs: number; readonly redisMs: number }> {
  await using redis = await startRedis();
  const connection = redis.client;
  const queue = new Queue("empty", { connection, prefix: "lr-lab" });
  const before = await redisCpuMs(redis);
  const at = performance.now();
  const done = Promise.withResolvers<void>();
  let count = 0;
  const worker = new Worker("empty", () => {
    if (++count === jobs) done.resolve();
    return Promise.resolve();
  }, { connection, prefix: "lr-lab", concurrency: 8 });
  for (let index = 0; index < jobs; index += 100) {
    const some = Array.from(
      { length: 100 },
      (_, add) => ({ name: "x", data: {}, opts: { jobId: `j${index + add}` } }),
    );
    await queue.addBulk(some);
  }
  await done.promise;
  await worker.close();
  return { wallMs: (performance.now() - at) / jobs, redisMs: (await redisCpuMs(redis) - before) / jobs };
}
