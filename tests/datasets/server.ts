/** What a request asked for. */
export interface Asked {
  /** First byte of the range, or `null` without one. */
  readonly from: number | null;
  readonly headers: Headers;
  /** Zero-based number of the request. */
  readonly number: number;
}

/** An answer byte for byte, so that lies and breaks are possible. */
export interface Answer {
  readonly status: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
  /** Called after the body was sent, before the connection is closed. */
  readonly then?: () => Promise<void>;
}

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
}

/** An HTTP server on this machine that sends exactly what it is told and closes the connection. */
export function serve(answer: (asked: Asked) => Answer): TestServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: Asked[] = [];
  const open = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const connection of listener) {
      const done = talk(connection, asked, answer).finally(() => open.delete(done));
      open.add(done);
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    asked,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await accepting;
      await Promise.all(open);
    },
  };
}

async function talk(connection: Deno.Conn, asked: Asked[], answer: (asked: Asked) => Answer): Promise<void> {
  using _ = connection;
  try {
    const headers = await readHead(connection);
    const range = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "");
    const request = { from: range ? Number(range[1]) : null, headers, number: asked.length };
    asked.push(request);
    const { status, headers: sent = {}, body = new Uint8Array(), then } = answer(request);
    const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    await write(
      connection,
      new TextEncoder().encode(`HTTP/1.1 ${status}\r\nconnection: close\r\n${lines}\r\n`),
    );
    await write(connection, body);
    await then?.();
  } catch {
    // The client hung up: what it made of that is what the test looks at.
  }
}

async function readHead(connection: Deno.Conn): Promise<Headers> {
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  const pairs = text.split("\r\n").slice(1).map((line) => line.split(": ") as [string, string]);
  return new Headers(pairs.filter((pair) => pair.length === 2));
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
