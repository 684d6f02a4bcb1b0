import assert from "node:assert/strict";
import { assemble } from "#datasets/assemble.ts";
import { dataKey } from "#app/queue/keys.ts";
import { offerDatasets, workerDatasets } from "#app/queue/datasets.ts";
import { type RunJob } from "#app/queue/job.ts";
import { EntryError, openRunReader } from "#app/queue/run_reader.ts";
import { runState } from "#app/queue/run_state.ts";
import { LostRun } from "#app/queue/entry_sender.ts";
import { openRunWriter } from "#app/queue/run_writer.ts";
import type { RunFile } from "#app/storage/store.ts";
import type { TrainEvent } from "#train/events.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { requires } from "../../support/requires.ts";
import { PLAN } from "../../support/run_fixture.ts";
import { tinyData } from "../../support/tiny.ts";

const steps = (from: number, to: number): TrainEvent[] =>
  Array.from({ length: to - from }, (_, index) => ({
    kind: "step",
    step: from + index,
    lr: 0.1,
    momentum: 0.9,
    loss: from + index,
  }));
const END: TrainEvent = { kind: "ended", step: 40, reason: "budget", detail: null, ms_per_step: 1 };

/** What a session gets from a run's log. */
async function readAll(redis: TestRedis, id: string, known = 0) {
  const events: TrainEvent[] = [];
  const files: RunFile[] = [];
  const listener = {
    onEvents: (_: unknown, batch: readonly TrainEvent[]) => void events.push(...batch),
    onFile: (_: unknown, file: RunFile) => void files.push(file),
  };
  const reader = openRunReader({ plan: PLAN, state: runState(redis.client, id), known, listener });
  for (const [entry, fields] of await redis.client.xrange(runState(redis.client, id).keys.log, "-", "+")) {
    await reader.entry(entry, fields[1]!, fields[3]!);
  }
  return { events, files, isDone: reader.isDone };
}

const opened = async (redis: TestRedis, id: string, worker: string) => {
  const state = runState(redis.client, id);
  await state.seed(40, null);
  const taken = await state.take(worker);
  return { state, taken, writer: openRunWriter(state, { ...taken, events: 0, step: 0 }) };
};

Deno.test("the log of a run", await requires("redis"), async (t) => {
  await using redis = await startRedis();

  await t.step("a session reads what a worker wrote, events and files in order", async () => {
    const { writer, state } = await opened(redis, "run-a", "one");
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 251);
    writer.events(steps(0, 20));
    writer.file({ name: "snapshots/cycle-0.safetensors", bytes });
    writer.events([...steps(20, 40), END]);
    writer.file({ name: "snapshots/cycle-0.safetensors", bytes: null });
    await writer.close(true);
    const { events, files, isDone } = await readAll(redis, "run-a");
    assert.deepEqual(events, [...steps(0, 40), END]);
    assert.deepEqual(files.map(({ bytes }) => bytes?.length ?? null), [3_000_000, null]);
    assert.deepEqual(files[0]!.bytes, bytes);
    assert.ok(isDone);
    assert.ok((await state.take("two")).isDone, "nobody trains it again");
  });

  await t.step(
    "a worker that lost its run to another is refused, and its successor's events are read",
    async () => {
      const one = await opened(redis, "run-b", "one");
      one.writer.events(steps(0, 20));
      await one.writer.close(false);
      const two = await opened(redis, "run-b", "two");
      one.writer.events(steps(20, 30));
      await assert.rejects(one.writer.close(false), LostRun);
      assert.equal(await one.state.put(one.taken.fence, "end.safetensors", new Uint8Array(3)), null);
      two.writer.events([...steps(0, 40), END]);
      await two.writer.close(true);
      const { events, isDone } = await readAll(redis, "run-b");
      assert.deepEqual(events, [...steps(0, 40), END]);
      assert.ok(isDone);
    },
  );

  await t.step("entries that Redis has lost are sent again, with the parts of files", async () => {
    const { writer, state } = await opened(redis, "run-c", "one");
    writer.events(steps(0, 20));
    writer.file({ name: "end.safetensors", bytes: new Uint8Array(5).fill(7) });
    await writer.close(false);
    // As after a crash that cost the last seconds.
    await redis.client.del(state.keys.log, state.keys.parts);
    await redis.client.hset(state.keys.state, "seq", 0);
    writer.events([...steps(20, 40), END]);
    await writer.close(true);
    const { events, files } = await readAll(redis, "run-c");
    assert.deepEqual(events, [...steps(0, 40), END]);
    assert.deepEqual(files[0]!.bytes, new Uint8Array(5).fill(7));
  });

  await t.step("entries of nobody's making are refused", async () => {
    const { writer, state } = await opened(redis, "run-d", "one");
    writer.events(steps(0, 2));
    await writer.close(false);
    const [, fields] = (await redis.client.xrange(state.keys.log, "-", "+"))[0]!;
    const body = fields[3]!;
    const hostile: [kind: string, body: string, message: RegExp][] = [
      ["events", body.replace('"from":0', '"from":9'), /begins at event 9, but 0 came before it/],
      ["events", body.replace("0.1", "0.2"), /not that of its digest/],
      ["events", "{}", /is damaged: at from/],
      ["events", "no", /cannot be used/],
      ["file", JSON.stringify({ name: "../../x.safetensors", file: null }), /at name/],
      [
        "file",
        JSON.stringify({ name: "end.safetensors", file: { bytes: 1e12, sha256: "", parts: [] } }),
        /at file/,
      ],
      ["shell", "{}", /unknown kind/],
    ];
    for (const [kind, text, message] of hostile) {
      const reader = openRunReader({
        plan: PLAN,
        state,
        known: 0,
        listener: { onEvents: () => assert.fail(), onFile: () => assert.fail() },
      });
      await assert.rejects(reader.entry("1-0", kind, text), (error: Error) => {
        assert.ok(error instanceof EntryError, String(error));
        assert.match(error.message, message);
        return true;
      });
    }
  });

  await t.step("events that a session has come again after a takeover, and are left out", async () => {
    const { writer } = await opened(redis, "run-e", "one");
    writer.events([...steps(0, 40), END]);
    await writer.close(true);
    assert.deepEqual((await readAll(redis, "run-e", 30)).events, [...steps(30, 40), END]);
  });
});

Deno.test(
  "a data set that a worker lacks is sent by its digest, once it asks",
  await requires("redis"),
  async (t) => {
    await using redis = await startRedis();
    const { digest: _, mean: __, std: ___, ...splits } = tinyData();
    const data = await assemble(splits);
    const job = (digest: string) =>
      ({ data_digest: digest, plan: { ...PLAN, dataset: { ...PLAN.dataset, name: "npz" } } }) as RunJob;

    await t.step("nobody has it", async () => {
      await assert.rejects(
        workerDatasets(redis.client, null, 100).of(job(data.digest)),
        /no session sent one/,
      );
    });
    await t.step("a session sends what was asked for", async () => {
      const got = workerDatasets(redis.client, null, 10_000).of(job(data.digest));
      while (await redis.client.zscore("lr-lab:wanted", data.digest) === null) {
        await new Promise((done) => setTimeout(done, 20));
      }
      await offerDatasets(redis.client, data);
      assert.deepEqual(await got, data);
      assert.ok((await got).train.images.buffer instanceof SharedArrayBuffer);
    });
    await t.step("a copy that is not what its digest says is refused", async () => {
      const about = JSON.parse((await redis.client.hget(dataKey(data.digest), "about"))!);
      const other = { ...about, train: { ...about.train, labels: about.test.labels } };
      await redis.client.hset(dataKey(data.digest), "about", JSON.stringify(other));
      await assert.rejects(
        workerDatasets(redis.client, null, 100).of(job(data.digest)),
        /train split has a wrong size/,
      );
      await redis.client.hset(
        dataKey(data.digest),
        "about",
        JSON.stringify({ ...about, validation: about.test }),
      );
      await assert.rejects(
        workerDatasets(redis.client, null, 100).of(job(data.digest)),
        /its digest is .*, not /,
      );
    });
  },
);
