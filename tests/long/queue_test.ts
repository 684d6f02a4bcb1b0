import assert from "node:assert/strict";
import { queueSpec, surviveQueueFaults } from "../reliability/queue.ts";
import { requires } from "../support/requires.ts";

/** SIGKILLs of workers, over as many studies as that takes. */
const KILLS = Math.min(20, Number(Deno.env.get("LR_LAB_REPEATS") ?? 20));

Deno.test(
  `${KILLS} workers killed at random moments, Redis killed and the net cut: nothing lost, nothing twice`,
  await requires("redis"),
  async () => {
    let killedAtWork = 0;
    for (let left = KILLS; left > 0;) {
      const survival = await surviveQueueFaults(queueSpec(4, 300), { kills: left, redis: true });
      assert.deepEqual(survival.differences, []);
      assert.deepEqual(survival.leaks, []);
      assert.equal(survival.ends, survival.runs);
      assert.ok(survival.kills > 0, "the study ended before a worker could be killed");
      left -= survival.kills;
      killedAtWork += survival.killedAtWork;
    }
    assert.ok(killedAtWork > 0);
  },
);

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
