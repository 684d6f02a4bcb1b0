import assert from "node:assert/strict";
import { createRunner } from "#app/session/runner.ts";
import { diskStore } from "#app/storage/disk.ts";
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
    const runner = createRunner({
      pool,
      store: diskStore(folder),
      provenance: PROVENANCE,
      checkpointMs: null,
      onEvents: () => {},
      onKnown: () => {},
    });
    const plan = { ...PLAN, total_steps: 1, eval_every: 1 };
    const other = { ...plan, schedule: { name: "constant", lr: 0.01 } };
    await assert.rejects(runner.run([plan, other]), /two different runs as a-1/);
    assert.deepEqual(await diskStore(folder).records(), []);
    await runner.run([plan, plan]);
    await assert.rejects(runner.run([other]), /two different runs as a-1/);
    const [record] = await diskStore(folder).records();
    assert.deepEqual(record!.plan.schedule, plan.schedule);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
