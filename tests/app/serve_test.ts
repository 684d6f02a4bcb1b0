import assert from "node:assert/strict";
import { createFeed } from "#app/serve/feed.ts";
import { refusalOf } from "#app/serve/guard.ts";
import { createLiveRuns } from "#app/serve/live_runs.ts";
import type { TrainEvent } from "#train/events.ts";
import { PLAN, PROVENANCE } from "../support/run_fixture.ts";

/** What a viewer gets until `count` events have come. */
async function received(stream: ReadableStream<Uint8Array>, count: number): Promise<string[]> {
  let text = "";
  const reader = stream.getReader();
  const events = () => text.split("\n\n").filter((part) => part.startsWith("id: "));
  while (events().length < count) text += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  return events();
}

Deno.test("a feed sends each viewer the newest of each part, and after a cut what is newer than it has seen", async () => {
  const feed = createFeed("abc");
  feed.publish("progress", { share: 0.1 });
  feed.publish("screen", { title: "a\nb" });
  feed.publish("progress", { share: 0.2 });
  const first = await received(feed.stream(null), 2);
  assert.deepEqual(first, [
    'id: abc-2\nevent: screen\ndata: {"title":"a\\nb"}',
    'id: abc-3\nevent: progress\ndata: {"share":0.2}',
  ]);
  assert.equal(feed.viewers, 0, "a viewer that left is not counted");
  const later = received(feed.stream("abc-3"), 1);
  assert.equal(feed.viewers, 1);
  feed.publish("curves", {});
  assert.deepEqual(await later, ["id: abc-4\nevent: curves\ndata: {}"]);
  assert.equal((await received(feed.stream("abc-2"), 2)).length, 2);
  // An id of an earlier study on this port, or of nobody.
  for (const id of ["old-99", "abc-x", ""]) assert.equal((await received(feed.stream(id), 3)).length, 3, id);
});

Deno.test("a feed that is closed ends its streams after what was published", async () => {
  const feed = createFeed("abc");
  const text = new Response(feed.stream(null)).text();
  feed.publish("over", { text: "done" });
  feed.close();
  assert.match(await text, /event: over\ndata: \{"text":"done"\}\n\n$/);
});

Deno.test("the guard lets through its own page alone, and to the stop its token alone", () => {
  const guard = { port: 7447, token: "0123456789abcdef" };
  const status = (path: string, headers: Record<string, string>, method = "GET") =>
    refusalOf(
      new Request(`http://127.0.0.1:7447${path}`, {
        method,
        headers: { host: "127.0.0.1:7447", ...headers },
      }),
      guard,
    )?.status ?? null;
  const bearer = { authorization: `Bearer ${guard.token}` };
  assert.equal(status("/", {}), null);
  assert.equal(status("/events", { host: "localhost:7447", "sec-fetch-site": "same-origin" }), null);
  assert.equal(status("/stop", { ...bearer, origin: "http://127.0.0.1:7447" }, "POST"), null);
  assert.equal(status("/stop", { ...bearer, origin: "http://localhost:7447" }, "POST"), 403);
  assert.equal(status("/stop", { authorization: `Bearer ${guard.token}0` }, "POST"), 403);
  assert.equal(status("/stop", { authorization: guard.token }, "POST"), 403);
  assert.equal(status("/", { host: "127.0.0.1.evil.example:7447" }), 421);
  assert.equal(status("/", { "sec-fetch-site": "same-site" }), 403);
  assert.equal(status("/", {}, "POST"), 405);
  assert.equal(status("/../stop", {}), 405);
  assert.equal(status("/report.html", {}), 404);
});

Deno.test("a page keeps a bounded number of points, the same steps of every seed, and the ends", () => {
  const runs = createLiveRuns(PROVENANCE);
  const steps = 100_000;
  for (const seed of [1, 2]) {
    const plan = { ...PLAN, id: `a-${seed}`, seed, total_steps: steps, eval_every: 10 };
    for (let step = 0; step < steps; step++) {
      const events: TrainEvent[] = [{ kind: "step", step, lr: 0.1, momentum: 0, loss: 1 }];
      if ((step + 1) % 10 === 0) {
        const held = { kind: "eval", step: step + 1, epoch: 1, loss: 1, accuracy: 0.5 } as const;
        events.push({ ...held, split: "validation" }, { ...held, split: "test" });
      }
      runs.events(plan, events);
    }
  }
  const [one, two] = runs.records().map(({ events }) => events);
  assert.deepEqual(one, two);
  const of = (kind: string) => one!.filter((event) => event.kind === kind);
  assert.ok(of("step").length > 150 && of("step").length <= 201, `${of("step").length} steps`);
  assert.ok(of("eval").length > 150 && of("eval").length <= 201, `${of("eval").length} evaluations`);
  assert.equal(of("step").at(-1)!.step, steps - 1);
  assert.equal(of("eval").at(-1)!.step, steps);
});
