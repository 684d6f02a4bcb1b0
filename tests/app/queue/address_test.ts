import assert from "node:assert/strict";
import { queueAddress, redacted } from "#app/queue/address.ts";
import { connect } from "#app/queue/connection.ts";
import { commandLine } from "#app/commands/command_line.ts";
import { run } from "../../support/command.ts";

const none = () => undefined;

Deno.test("an address has a host, and what is left out is Redis' default", () => {
  assert.deepEqual(queueAddress("redis://10.0.0.7", none), {
    host: "10.0.0.7",
    name: "10.0.0.7",
    port: 6379,
    db: 0,
    tls: false,
    username: null,
    password: null,
    shown: "redis://10.0.0.7",
  });
  const full = queueAddress("rediss://ann:p%40ss%2F1@queue.example:6380/3", none);
  assert.deepEqual(full, {
    host: "queue.example",
    name: "queue.example",
    port: 6380,
    db: 3,
    tls: true,
    username: "ann",
    password: "p@ss/1",
    shown: "rediss://queue.example:6380/3",
  });
  assert.equal(queueAddress("redis://localhost", none).host, "127.0.0.1");
  assert.equal(queueAddress("redis://[::1]:7000", none).host, "::1");
});

Deno.test("the variable holds the password where the address has none", () => {
  const env = (name: string) => name === "LR_LAB_QUEUE_PASSWORD" ? "of the variable" : undefined;
  assert.equal(queueAddress("redis://host", env).password, "of the variable");
  assert.equal(queueAddress("redis://:own@host", env).password, "own");
});

for (
  const text of [
    "host",
    "http://:secret@host",
    "redis://",
    "redis://:secret@host/db",
    "redis://:secret@host?x=1",
    "redis://:secret@ho st",
    "redis://:secret@host:99999",
    "redis://:secret%@host",
    "",
  ]
) {
  Deno.test(`${JSON.stringify(text)} is refused, and not repeated`, () => {
    assert.throws(() => queueAddress(text, none), (error: Error) => {
      assert.match(error.message, /expected redis:\/\/HOST/);
      assert.ok(!error.message.includes("secret"));
      return error.name === "UsageError";
    });
  });
}

Deno.test("messages lose the password, written plainly or as in an address", () => {
  assert.equal(
    redacted({ password: "p@ss" }, "AUTH p@ss to redis://:p%40ss@host"),
    "AUTH *** to redis://:***@host",
  );
  assert.equal(redacted({ password: null }, "as it was"), "as it was");
});

Deno.test("the recorded command has no queue", () => {
  const plain = "deno task train a.yaml --seeds 3";
  for (
    const args of [
      ["train", "a.yaml", "--queue", "redis://:secret@host", "--seeds", "3"],
      ["train", "a.yaml", "--queue=redis://:secret@host", "--seeds", "3"],
      ["queue", "train", "a.yaml", "--seeds", "3", "--queue", "redis://host"],
    ]
  ) assert.equal(commandLine(args), plain);
});

for (
  const args of [
    ["train", "a.yaml", "--queue", "redis//:secret@host"],
    ["queue", "status", "--queue", "redis//:secret@host"],
    ["queue", "sweep", "a.yaml", "--over", "seeds=1", "--queue", "redis//:secret@host"],
    ["worker", "--queue", "redis//:secret@host"],
  ]
) {
  Deno.test(`${args.slice(0, 2).join(" ")}: a wrong address is refused without its password`, async () => {
    const { code, err } = await run(args, { "a.yaml": "name: x" });
    assert.equal(code, 2, err);
    assert.ok(!err.includes("secret"), err);
  });
}

// As the plain tasks are granted: else Deno would write the queue's packages into their lock file, which is tracked.
Deno.test({
  name: "a task without the net and the queue's packages names the one that has both, also for this machine",
  permissions: { read: true, env: true, net: ["127.0.0.1"] },
  fn: async () => {
    for (const address of ["redis://127.0.0.1:1", "redis://10.0.0.7"]) {
      await assert.rejects(connect(queueAddress(address, none)), ({ name, message }: Error) => {
        assert.match(message, /^Cannot use the queue at redis:.* Run `deno task queue /);
        return name === "UsageError";
      });
    }
  },
});
