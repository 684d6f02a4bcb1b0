import assert from "node:assert/strict";
import { surviveShardKills } from "../reliability/shard_kills.ts";

Deno.test("three shards that are killed at random moments and called again give what one process gives, bit for bit", async () => {
  const { kills, differences } = await surviveShardKills(3);
  assert.equal(kills.length, 3);
  assert.deepEqual(differences, []);
});
