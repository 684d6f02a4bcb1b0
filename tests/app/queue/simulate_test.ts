import assert from "node:assert/strict";
import { type QueueCosts, simulateQueue } from "./scaling/simulate.ts";

const FREE: QueueCosts = {
  redisPerRun: 0,
  redisPerKilostep: 0,
  sessionPerRun: 0,
  sessionPerKilostep: 0,
  workerPerRun: 0,
};

Deno.test("without costs, workers reach what they would alone", () => {
  for (const workers of [1, 7, 100]) {
    const { throughput, share } = simulateQueue(workers, [1000], FREE);
    assert.ok(Math.abs(throughput - workers) < 1e-9, `${workers}: ${throughput}`);
    assert.ok(Math.abs(share - 1) < 1e-9);
  }
});

Deno.test("a session that takes 10 ms a run is the limit at 100 runs a second, and Redis at 4 ms a run at 250", () => {
  const session = simulateQueue(300, [1000], { ...FREE, sessionPerRun: 10 });
  assert.ok(Math.abs(session.throughput - 100) < 2, `${session.throughput}`);
  assert.ok(session.sessionBusy > 0.98);
  const redis = simulateQueue(600, [1000], { ...FREE, redisPerRun: 4 });
  assert.ok(Math.abs(redis.throughput - 250) < 13, `${redis.throughput}`);
  assert.ok(redis.redisBusy > 0.95);
});

Deno.test("what a worker does beside training costs its share of a run", () => {
  const { share } = simulateQueue(3, [1000], { ...FREE, workerPerRun: 250 });
  assert.ok(Math.abs(share - 0.8) < 1e-9, `${share}`);
});

Deno.test("what a session does for a thousand steps keeps it busy for its share of their time", () => {
  const { sessionBusy } = simulateQueue(1, [10_000], { ...FREE, sessionPerKilostep: 1000 }, {
    msPerStep: 10,
  });
  assert.ok(Math.abs(sessionBusy - 0.1) < 1e-3, `${sessionBusy}`);
});

Deno.test("batches spare Redis what belongs to a job", () => {
  const costs = { ...FREE, redisPerRun: 4 };
  const [one, eight] = [1, 8].map((batch) =>
    simulateQueue(500, [1000], costs, { batch, runs: 40_000 }).throughput
  );
  assert.ok(one! < 250 && eight! > 400 && eight! <= 500, `${one} ${eight}`);
});
