import assert from "node:assert/strict";
import { download, type DownloadTools } from "#datasets/download.ts";
import { DataError } from "#datasets/source.ts";
import { type Answer, type Asked, serve } from "./server.ts";

const FILE = Uint8Array.from({ length: 50_000 }, (_, at) => (at * 31) % 251);

interface Told {
  readonly retries: string[];
  readonly waits: number[];
  readonly progress: number[];
}

/** Downloads `FILE` as a server's answers give it; waits take no time. */
async function fetchFrom(
  answer: (asked: Asked) => Answer,
  { part = new Uint8Array(), bytes = FILE.length as number | null, mostBytes = FILE.length } = {},
) {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/file.part`;
  if (part.length > 0) await Deno.writeFile(path, part);
  await using server = serve(answer);
  const told: Told = { retries: [], waits: [], progress: [] };
  const tools: DownloadTools = {
    progress: (done) => told.progress.push(done),
    retrying: (why, ms) => {
      told.retries.push(why);
      told.waits.push(ms);
    },
    wait: () => Promise.resolve(),
    signal: new AbortController().signal,
  };
  let error: unknown = null;
  try {
    await download({ url: server.url, part: path, bytes, mostBytes }, tools);
  } catch (thrown) {
    error = thrown;
  }
  const kept = await Deno.readFile(path).catch(() => null);
  await Deno.remove(folder, { recursive: true });
  return { error, kept, told, asked: server.asked };
}

/** A server that keeps the rules. */
const honest = ({ from }: Asked): Answer =>
  from === null ? { status: "200 OK", headers: { "content-length": FILE.length }, body: FILE } : {
    status: "206 Partial Content",
    headers: {
      "content-length": FILE.length - from,
      "content-range": `bytes ${from}-${FILE.length - 1}/${FILE.length}`,
    },
    body: FILE.subarray(from),
  };

/** The same, broken off after `bytes` bytes of the body. */
const cut = (asked: Asked, bytes: number): Answer => {
  const whole = honest(asked);
  return { ...whole, body: whole.body!.subarray(0, bytes) };
};

function refused(error: unknown, pattern: RegExp): void {
  assert.ok(error instanceof DataError, String(error));
  assert.match(error.message, pattern);
}

Deno.test("downloads a file, and asks for it unpacked by nobody on the way", async () => {
  const { error, kept, told, asked } = await fetchFrom(honest);
  assert.equal(error, null);
  assert.deepEqual(kept, FILE);
  assert.equal(told.progress.at(-1), FILE.length);
  assert.equal(asked[0]!.headers.get("accept-encoding"), "identity");
  assert.equal(asked.length, 1);
});

Deno.test("goes on by a range after each break, and waits longer only when nothing new came", async () => {
  const { error, kept, told, asked } = await fetchFrom((asked) =>
    asked.number < 5 ? cut(asked, asked.number === 2 ? 0 : 9000) : honest(asked)
  );
  assert.equal(error, null);
  assert.deepEqual(kept, FILE);
  assert.deepEqual(asked.map(({ from }) => from), [null, 9000, 18_000, 18_000, 27_000, 36_000]);
  assert.deepEqual(told.waits, [1000, 1000, 2000, 1000, 1000]);
});

Deno.test("goes on with the part that an earlier command left", async () => {
  const { error, kept, asked } = await fetchFrom(honest, { part: FILE.slice(0, 20_000) });
  assert.equal(error, null);
  assert.deepEqual(kept, FILE);
  assert.deepEqual(asked.map(({ from }) => from), [20_000]);
});

Deno.test("a part that is whole needs no server", async () => {
  const { error, asked } = await fetchFrom(() => assert.fail("asked"), { part: FILE });
  assert.equal(error, null);
  assert.equal(asked.length, 0);
});

Deno.test("starts over where the server ignores the range", async () => {
  const { error, kept } = await fetchFrom((asked) => honest({ ...asked, from: null }), {
    part: new Uint8Array(20_000),
  });
  assert.equal(error, null);
  assert.deepEqual(kept, FILE);
});

Deno.test("starts over after 416, and where another range comes than was asked for", async () => {
  for (
    const wrong of [
      { status: "416 Range Not Satisfiable", headers: { "content-range": "bytes */7" } },
      { status: "206 Partial Content", headers: { "content-range": `bytes 5-9/${FILE.length}` }, body: FILE },
      { status: "206 Partial Content", headers: {}, body: FILE },
    ]
  ) {
    const { error, kept, asked } = await fetchFrom(
      (asked) => asked.number === 0 ? wrong : honest(asked),
      { part: FILE.slice(0, 100) },
    );
    assert.equal(error, null);
    assert.deepEqual(kept, FILE);
    assert.deepEqual(asked.map(({ from }) => from), [100, null]);
  }
});

Deno.test("a part that is too long is dropped", async () => {
  const { error, kept, asked } = await fetchFrom(honest, { part: new Uint8Array(FILE.length + 1) });
  assert.equal(error, null);
  assert.deepEqual(kept, FILE);
  assert.deepEqual(asked.map(({ from }) => from), [null]);
});

Deno.test("tries again after 500 and 503, as long as the server asks for", async () => {
  const { error, told } = await fetchFrom((asked) =>
    asked.number === 0
      ? { status: "500 Internal Server Error" }
      : asked.number === 1
      ? { status: "503 Service Unavailable", headers: { "retry-after": "7" } }
      : honest(asked)
  );
  assert.equal(error, null);
  assert.deepEqual(told.retries, [
    "the server answered 500 Internal Server Error",
    "the server answered 503 Service Unavailable",
  ]);
  assert.deepEqual(told.waits, [1000, 7000]);
});

Deno.test("gives up after four breaks without a byte between them, and keeps what came before", async () => {
  const { error, kept, asked } = await fetchFrom((asked) =>
    asked.number === 0 ? cut(asked, 1000) : { status: "502 Bad Gateway" }
  );
  refused(error, /answered 502 Bad Gateway, 4 times in a row.*Run the same command again/);
  assert.equal(asked.length, 4);
  assert.deepEqual(kept, FILE.slice(0, 1000));
});

Deno.test("404 ends it at once", async () => {
  const { error, asked, kept } = await fetchFrom(() => ({ status: "404 Not Found" }));
  refused(error, /^Cannot get http:\/\/127\S+: the server answered 404 Not Found$/);
  assert.equal(asked.length, 1);
  assert.equal(kept, null);
});

Deno.test("another length than expected is refused before a byte is saved", async () => {
  for (const length of [FILE.length - 1, FILE.length + 1]) {
    const { error, kept } = await fetchFrom(() => ({
      status: "200 OK",
      headers: { "content-length": length },
      body: new Uint8Array(length),
    }));
    refused(error, new RegExp(`offers ${length} bytes; the file has ${FILE.length}`));
    assert.equal(kept, null);
  }
});

Deno.test("a body without end is stopped at the size that is allowed", async () => {
  const { error, kept } = await fetchFrom(() => ({
    status: "200 OK",
    body: new Uint8Array(FILE.length * 4),
  }));
  refused(error, /more than 50000 bytes came; nothing was saved/);
  assert.equal(kept, null);
});

Deno.test("a file of unknown size ends where the server says, within the limit", async () => {
  const small = await fetchFrom(honest, { bytes: null, mostBytes: 60_000 });
  assert.equal(small.error, null);
  assert.deepEqual(small.kept, FILE);
  const large = await fetchFrom(honest, { bytes: null, mostBytes: 40_000 });
  refused(large.error, /offers 50000 bytes; at most 40000 are allowed/);
  const whole = await fetchFrom(
    () => ({ status: "416 Range Not Satisfiable", headers: { "content-range": `bytes */${FILE.length}` } }),
    { part: FILE, bytes: null, mostBytes: 60_000 },
  );
  assert.equal(whole.error, null);
  assert.deepEqual(whole.kept, FILE);
});

Deno.test("a server that is not there is told in words", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/`;
  listener.close();
  const folder = await Deno.makeTempDir();
  const tools = { progress() {}, retrying() {}, wait: () => Promise.resolve() };
  await assert.rejects(
    download({ url, part: `${folder}/file.part`, bytes: 1, mostBytes: 1 }, {
      ...tools,
      signal: new AbortController().signal,
    }),
    (error: Error) => error instanceof DataError && /the connection failed \(.*refused/i.test(error.message),
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an abort stops it at once and keeps what came", async () => {
  const stopped = new AbortController();
  const folder = await Deno.makeTempDir();
  const part = `${folder}/file.part`;
  const hanging = Promise.withResolvers<void>();
  await using server = serve((asked) => ({ ...cut(asked, 8000), then: () => hanging.promise }));
  const reason = new Error("stopped by hand");
  const tools: DownloadTools = {
    progress: (done) => done >= 8000 && stopped.abort(reason),
    retrying: () => assert.fail("retried"),
    wait: () => assert.fail("waited"),
    signal: stopped.signal,
  };
  const request = { url: server.url, part, bytes: FILE.length, mostBytes: FILE.length };
  await assert.rejects(download(request, tools), (error) => error === reason);
  hanging.resolve();
  assert.deepEqual(await Deno.readFile(part), FILE.slice(0, 8000));
  await Deno.remove(folder, { recursive: true });
});
