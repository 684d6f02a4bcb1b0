import assert from "node:assert/strict";
import { knownRuns } from "#app/session/known_runs.ts";
import { createRunner } from "#app/session/runner.ts";
import { diskStore } from "#app/storage/disk.ts";
import type { RunPlan } from "#results/run.ts";
import { openFolder } from "#app/storage/folder.ts";
import { openPool } from "#app/workers/pool.ts";
import { spawnWorker } from "#app/workers/worker_port.ts";
import { PLAN, PROVENANCE } from "../support/run_fixture.ts";
import { tinyData } from "../support/tiny.ts";

Deno.test("two different runs with one id are refused before either is trained; the same run twice is one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await openFolder(folder, false);
    const open = { backend: "cpu", why: "", threads: 1, folder, data: tinyData() } as const;
    using pool = await openPool(1, spawnWorker, open);
    const store = diskStore(folder);
    const known = knownRuns(store, () => {});
    const runner = createRunner({
      pool,
      store,
      known,
      provenance: PROVENANCE,
      checkpointMs: null,
      onEvents: () => {},
    });
    const plan = { ...PLAN, total_steps: 1, eval_every: 1 };
    const other = { ...plan, schedule: { name: "constant", lr: 0.01 } };
    const run = async (plans: readonly RunPlan[]) => await runner.train(await known.find(plans));
    await assert.rejects(run([plan, other]), /two different runs as a-1/);
    assert.deepEqual(await diskStore(folder).records(), []);
    await run([plan, plan]);
    await assert.rejects(run([other]), /two different runs as a-1/);
    const [record] = await diskStore(folder).records();
    assert.deepEqual(record!.plan.schedule, plan.schedule);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
