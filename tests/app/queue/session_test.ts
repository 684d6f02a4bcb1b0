import { Queue } from "bullmq";
import assert from "node:assert/strict";
import { join } from "node:path";
import { ownConditions } from "#app/queue/worker.ts";
import { queueName } from "#app/queue/conditions.ts";
import { jobId } from "#app/queue/job.ts";
import type { QueueStatus } from "#app/queue/status.ts";
import { differing } from "../../reliability/compare.ts";
import { inProcess } from "../../support/in_process.ts";
import { localWorker } from "../../support/local_worker.ts";
import { startRedis } from "../../support/redis.ts";
import { requires } from "../../support/requires.ts";

const spec = (arms: string, epochs = 4, seeds = "1, 2") =>
  `name: queued
dataset: { name: shapes-16, train: 64, validation: 16, test: 16 }
model: cnn-tiny
batch_size: 8
duration: ${epochs} epochs
seeds: [${seeds}]
arms:
${arms}`;
const PLAIN = "  - { name: plain, schedule: { name: cosine, lr: 0.05, T_max: 100% } }\n";
const CUSTOM = "  - { name: mine, schedule: { name: custom, module: ./mine.ts } }\n";

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

Deno.test("sessions and workers at one queue", await requires("redis"), async (t) => {
  await using redis = await startRedis();
  const folder = await Deno.makeTempDir();
  const at = (...names: string[]) => join(folder, ...names);
  const train = (file: string, out: string, ...more: string[]) =>
    inProcess("train", [
      at(file),
      "--out",
      at(out),
      "--jobs",
      "8",
      "--queue",
      redis.url,
      "--threads",
      "1",
      ...more,
    ]);
  const status = async (): Promise<QueueStatus> =>
    JSON.parse((await inProcess("queue", ["status", "--queue", redis.url, "--format", "json"])).stdout);
  await Deno.writeTextFile(at("plain.yaml"), spec(PLAIN));
  await Deno.writeTextFile(at("long.yaml"), spec(PLAIN, 150, "1"));
  await Deno.writeTextFile(at("custom.yaml"), spec(PLAIN + CUSTOM));
  await Deno.writeTextFile(at("mine.ts"), "export const schedule = (step) => 0.05 / (1 + step);\n");

  await t.step(
    "a run is trained once, whoever asks for it, and its figures are those of one machine",
    async () => {
      await using worker = await localWorker(redis.url, "one");
      const { code, stderr } = await train("plain.yaml", "a/out");
      assert.equal(code, 0, stderr);
      assert.match(stderr, /1 worker at redis:\/\/127\.0\.0\.1:\d+, 1 runs? at a time/);
      const before = worker.lines.length;
      assert.equal((await train("plain.yaml", "b/out")).code, 0);
      assert.equal(worker.lines.length, before, worker.lines.join("\n"));
      const alone = ["--out", at("c/out"), "--backend", "wasm", "--threads", "1"];
      assert.equal((await inProcess("train", [at("plain.yaml"), ...alone])).code, 0);
      for (const out of ["a/out", "b/out"]) assert.deepEqual(await differing(at("c/out"), at(out)), []);
      const { workers, queues } = await status();
      assert.deepEqual(workers.map(({ name, slots }) => [name, slots]), [["one", 1]]);
      assert.deepEqual(
        queues.map(({ done, waiting, dead_letters }) => [done, waiting, dead_letters.length]),
        [[2, 0, 0]],
      );
      assert.equal((await train("plain.yaml", "d/out", "--fresh")).code, 0);
      assert.ok(worker.lines.length > before, "--fresh trains again");
    },
  );

  await t.step("shards of a study are sessions of their own, joined by report", async () => {
    await using _worker = await localWorker(redis.url, "one");
    for (const shard of ["1/2", "2/2"]) {
      const { code, stderr } = await train("plain.yaml", "s/out", "--shard", shard);
      assert.equal(code, 0, stderr);
    }
    assert.equal((await inProcess("report", [at("s/out")])).code, 0);
    assert.deepEqual(await differing(at("c/out"), at("s/out")), []);
  });

  await t.step(
    "a worker that is stopped hands its run back with a checkpoint, and another goes on",
    async () => {
      const one = await localWorker(redis.url, "one");
      const running = train("long.yaml", "e/out", "--fresh");
      while (!one.lines.some((line) => line.includes("taken"))) await pause(20);
      const { conditions } = await ownConditions("wasm");
      const queue = new Queue(queueName(conditions), { connection: redis.client, prefix: "lr-lab" });
      const [job] = await queue.getActive();
      while (await redis.client.hget(`lr-lab:run:${job!.id}`, "step") === "0") await pause(10);
      await one.stop();
      await using two = await localWorker(redis.url, "two");
      const { code, stderr } = await running;
      assert.equal(code, 0, stderr);
      assert.ok(one.lines.some((line) => line.includes("handed back")), one.lines.join("\n"));
      assert.ok(two.lines.some((line) => line.includes("trained")));
      const alone = ["--out", at("f/out"), "--backend", "wasm", "--threads", "1"];
      assert.equal((await inProcess("train", [at("long.yaml"), ...alone])).code, 0);
      assert.deepEqual(await differing(at("f/out"), at("e/out")), []);
    },
  );

  await t.step(
    "a run with a module is refused, listed in report and status, and trained where it is allowed",
    async () => {
      const careful = await localWorker(redis.url, "careful");
      const { code, stderr } = await train("custom.yaml", "g/out", "--fresh");
      assert.equal(code, 1, stderr);
      assert.match(
        stderr,
        /2 runs were given up by the workers:\n {2}mine-1, begun 1 times: Refused: .*--allow-modules/,
      );
      const summary = JSON.parse(await Deno.readTextFile(at("g/out/summary.json")));
      assert.deepEqual(
        summary.provenance.dead_letters.map((
          { run, attempts }: { run: string; attempts: number },
        ) => [run, attempts]),
        [["mine-1", 1], ["mine-2", 1]],
      );
      assert.match(
        await Deno.readTextFile(at("g/out/report.html")),
        /Runs that the workers of the queue gave up/,
      );
      assert.equal((await status()).queues[0]!.dead_letters.length, 2);
      await careful.stop();
      await using open = await localWorker(redis.url, "open", { modules: folder });
      const again = await train("custom.yaml", "g/out", "--resume");
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual(open.lines.filter((line) => /taken/.test(line)).map((line) => line.slice(0, 6)), [
        "mine-1",
        "mine-2",
      ]);
      const whole = JSON.parse(await Deno.readTextFile(at("g/out/summary.json")));
      assert.equal(whole.provenance.dead_letters, undefined);
      assert.equal((await status()).queues[0]!.dead_letters.length, 0);
    },
  );

  await t.step("hostile jobs are refused one by one, and the worker goes on", async () => {
    const { conditions } = await ownConditions("wasm");
    const queue = new Queue(queueName(conditions), { connection: redis.client, prefix: "lr-lab" });
    await using worker = await localWorker(redis.url, "calm");
    const hostile: unknown[] = [null, 7, "x", [], { plan: { id: "\u001b[31m" } }, {
      version: 1,
      plan: {},
      x: "y".repeat(1e6),
    }];
    for (const [index, data] of hostile.entries()) {
      await queue.add("run", data, { jobId: `hostile-${index}`, attempts: 9 });
    }
    // A run of this queue, as for another device: a worker trains on its own alone.
    const [trained] = await queue.getCompleted();
    const elsewhere = { ...trained!.data, device: { ...trained!.data.device, backend: "cpu" } };
    await queue.add("run", elsewhere, { jobId: jobId(elsewhere), attempts: 9 });
    while ((await queue.getFailedCount()) < hostile.length + 1) await pause(20);
    assert.match(worker.lines.at(-1)!, /refused: .*for another worker/);
    assert.ok(worker.lines.every((line) => /refused/.test(line)), worker.lines.join("\n"));
    const { stdout } = await inProcess("queue", ["status", "--queue", redis.url]);
    assert.match(stdout, /7 given up/);
    assert.ok(!stdout.includes("\u001b"));
    const { code, stderr } = await train("plain.yaml", "h/out", "--fresh");
    assert.equal(code, 0, stderr);
  });

  await t.step("a wrong password is refused without naming it", async () => {
    const wrong = redis.url.replace(/:[^@:]*@/, ":very-secret@");
    const { code, stderr } = await inProcess("queue", ["status", "--queue", wrong]);
    assert.equal(code, 1);
    assert.match(stderr, /Redis refuses the password/);
    assert.ok(!stderr.includes("very-secret"));
  });
  await Deno.remove(folder, { recursive: true });
});
