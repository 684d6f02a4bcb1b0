import assert from "node:assert/strict";
import { queueSpec, surviveQueueFaults } from "../../reliability/queue.ts";
import { requires } from "../../support/requires.ts";

Deno.test(
  "three workers, one killed at work, Redis killed and the net cut: figures of one machine, each run once",
  await requires("redis"),
  async () => {
    const faults = { kills: 1, redis: true, aimed: true } as const;
    const { kills, killedAtWork, runs, ends, differences, leaks } = await surviveQueueFaults(
      queueSpec(1, 40),
      faults,
    );
    assert.deepEqual({ kills, killedAtWork, runs, ends }, { kills: 1, killedAtWork: 1, runs: 3, ends: 3 });
    assert.deepEqual(differences, []);
    assert.deepEqual(leaks, []);
  },
);
