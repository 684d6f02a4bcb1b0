/**
 * What a queue survives: trains a spec by three workers, kills them with SIGKILL at random moments, kills Redis once and
 * brings it back, cuts the net once, and compares what came of it with one machine's, bit for bit.
 *
 *     deno run -A tests/reliability/queue.ts --kills 20
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startProxy } from "../support/cut_proxy.ts";
import { spawn } from "../support/cli.ts";
import { startWorker, type TestWorker } from "../support/queue_worker.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { differing } from "./compare.ts";

export interface QueueFaults {
  /** SIGKILLs of workers. */
  readonly kills: number;
  /** True for one SIGKILL of Redis and one cut of the net. */
  readonly redis: boolean;
  /** True for kills of workers that have a run in their hands, with no other worker in their place; else at random. */
  readonly aimed?: true;
}

export interface QueueSurvival {
  /** SIGKILLs of workers, and how many of them had a run in their hands. */
  readonly kills: number;
  readonly killedAtWork: number;
  /** Connections that the cut dropped. */
  readonly dropped: number;
  readonly runs: number;
  /** Ends in the logs of all runs: one each where nothing was trained to its end twice. */
  readonly ends: number;
  /** Times that a run was taken, the first ones among them. */
  readonly taken: number;
  /** What differs from one machine's, by name. */
  readonly differences: readonly string[];
  /** What the session and the workers printed. */
  readonly text: string;
  /** Files and lines with the password of Redis. */
  readonly leaks: readonly string[];
}

/** Runs that go on from another, with snapshots, averages and dropout: everything that a checkpoint holds. */
export const queueSpec = (seeds: number, epochs: number) =>
  `name: queue
dataset: { name: shapes-16, train: 64, validation: 16, test: 16, augment: [flip] }
model: cnn-tiny
optimizer: { name: adamw, weight_decay: 0.01 }
batch_size: 8
duration: ${epochs} epochs
eval_every: 2 epochs
seeds: [${Array.from({ length: seeds }, (_, index) => index + 1)}]
averages: [{ kind: ema }]
snapshots: { limit: 1 }
predictions: true
arms:
  - { name: cycles, schedule: { name: sgdr, lr: 0.003, T_0: 4 epochs, T_mult: 2 } }
  - { name: falls, schedule: { name: polynomial, lr: 0.003, duration: 100%, power: 1 } }
  - name: after
    from: cycles
    duration: ${epochs + 4} epochs
    schedule: { name: cosine, lr: 0.001, T_max: 4 epochs }
`;

const WORKERS = 3;
/** Longest pause between two kills, in milliseconds; a random share of it is waited. */
const PAUSE_MS = 3000;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Trains until the session has ended, with all faults in between; one session has to survive them. */
export async function surviveQueueFaults(spec: string, faults: QueueFaults): Promise<QueueSurvival> {
  const folder = await Deno.makeTempDir();
  await using redis = await startRedis();
  await using proxy = startProxy(redis.port);
  const workers: TestWorker[] = [];
  try {
    const path = join(folder, "spec.yaml");
    await Deno.writeTextFile(path, spec);
    const [whole, out] = [join(folder, "whole"), join(folder, "out")];
    const options = ["--backend", "wasm", "--threads", "1", "--fresh", "--checkpoint-every", "0.05"];
    const env = { LR_LAB_QUEUE_PASSWORD: redis.password };
    const [direct, cuttable] = [redis.port, proxy.port].map((port) => `redis://127.0.0.1:${port}`);
    // The session and one worker reach Redis through the cable that is cut.
    const start = async (index: number) => {
      const worker = await startWorker(index === 0 ? cuttable! : direct!, [], env);
      workers[index] = worker;
      // A kill that comes while it starts shows little.
      await worker.says(/Worker .* at /);
    };
    const starting = Promise.all(Array.from({ length: WORKERS }, (_, index) => start(index)));
    const alone = await (await spawn("train", [path, "--out", whole, ...options])).output();
    if (alone.code !== 0) throw new Error(new TextDecoder().decode(alone.stderr));
    await starting;
    const session = await spawn(
      "queue",
      ["train", path, "--out", out, "--queue", cuttable!, ...options],
      { env },
    );
    let isOver = false;
    const ended = session.output().finally(() => isOver = true);
    await atWork(redis, () => isOver);

    // 1. Kills, each followed by a new worker.
    let [kills, killedAtWork] = [0, 0];
    while (kills < faults.kills && !isOver) {
      if (!faults.aimed) await pause(PAUSE_MS * Math.random() * (kills === 0 ? 0.1 : 1));
      if (isOver) break;
      // At random, but half of them where it hurts.
      const isAimed = faults.aimed || Math.random() < 0.5;
      const index = isAimed ? await busyWorker(redis, workers) : Math.floor(Math.random() * WORKERS);
      killedAtWork += await holdsRun(redis, workers[index]!.pid) ? 1 : 0;
      await workers[index]!.kill();
      kills++;
      if (!faults.aimed) await start(index);
      // 2. Redis, then the cable, in the middle of it.
      if (faults.redis && kills === Math.min(2, faults.kills)) {
        await redis.kill();
        await pause(500);
        await redis.restart();
      }
      if (faults.redis && kills === Math.min(3, faults.kills)) await proxy.cut(1500);
    }
    const { code, stderr } = await ended;
    const text = new TextDecoder().decode(stderr);
    if (code !== 0) {
      const logs = workers.map((worker) => worker.log().slice(-3000)).join("\n---\n");
      throw new Error(`The session ended with ${code}: ${text}\n${logs}`);
    }
    const counted = await countRuns(redis);
    const { dropped } = proxy;
    const said = [text, ...workers.map((worker) => worker.log())].join("\n");
    const leaks = await withText(out, redis.password, said);
    return {
      kills,
      killedAtWork,
      dropped,
      ...counted,
      differences: await differing(whole, out),
      text: said,
      leaks,
    };
  } finally {
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
    await Deno.remove(folder, { recursive: true });
  }
}

/** Files of a folder, and lines of a text, that hold another text. */
async function withText(folder: string, secret: string, text: string): Promise<string[]> {
  const found = text.split("\n").filter((line) => line.includes(secret));
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await withText(path, secret, ""));
    else if (new TextDecoder("latin1").decode(await Deno.readFile(path)).includes(secret)) found.push(path);
  }
  return found;
}

/** Waits until some run is in progress. */
async function atWork(redis: TestRedis, isOver: () => boolean): Promise<void> {
  while (!isOver() && !await holdsRun(redis, null)) await pause(50);
}

const states = (redis: TestRedis) =>
  redis.client.keys("lr-lab:run:*").then((keys) =>
    keys.filter((key) => !key.endsWith(":log") && !key.endsWith(":parts"))
  );

/** True where the worker of a process, or any, has a run in its hands. */
async function holdsRun(redis: TestRedis, pid: number | null): Promise<boolean> {
  for (const key of await states(redis)) {
    const [worker, done, step] = await redis.client.hmget(key, "worker", "done", "step");
    if (worker && done === null && step !== "0" && (pid === null || worker.includes(`-${pid}-`))) return true;
  }
  return false;
}

/** The first worker with a run in its hands; any where none has one. */
async function busyWorker(redis: TestRedis, workers: readonly TestWorker[]): Promise<number> {
  for (const [index, { pid }] of workers.entries()) if (await holdsRun(redis, pid)) return index;
  return 0;
}

async function countRuns(redis: TestRedis) {
  let [runs, ends, taken] = [0, 0, 0];
  for (const key of await states(redis)) {
    runs++;
    taken += Number(await redis.client.hget(key, "fence"));
    const entries = await redis.client.xrange(`${key}:log`, "-", "+");
    ends += entries.filter(([, fields]) => fields[1] === "done").length;
  }
  return { runs, ends, taken };
}

/** One line on what came of it. */
export function queueSurvivalText(
  { kills, killedAtWork, dropped, runs, ends, taken, differences }: QueueSurvival,
) {
  return `${kills} workers killed, ${killedAtWork} of them at work; ${dropped} connections dropped; ${runs} runs taken ` +
    `${taken} times, with ${ends} ends; ${differences.length} differences${
      differences.length > 0 ? `: ${differences.join(", ")}` : ""
    }`;
}

if (import.meta.main) {
  const { values } = parseArgs({ args: Deno.args, options: { kills: { type: "string", default: "20" } } });
  for (let left = Number(values.kills); left > 0;) {
    const survival = await surviveQueueFaults(queueSpec(4, 300), { kills: left, redis: true });
    console.log(queueSurvivalText(survival));
    if (survival.differences.length > 0 || survival.ends !== survival.runs) Deno.exit(1);
    left -= survival.kills;
  }
}
