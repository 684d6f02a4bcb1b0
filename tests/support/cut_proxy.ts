/** A cable that can be cut: hands bytes on between its own port and another one. */
export interface CutProxy extends AsyncDisposable {
  readonly port: number;
  /** Drops every connection, and each new one for this long. */
  cut(forMs: number): Promise<void>;
  /** Takes bytes and hands none on for this long, as a network that loses all packets; then drops every connection. */
  swallow(forMs: number): Promise<void>;
  /** Connections that were dropped. */
  readonly dropped: number;
}

/** @param target port of this machine that it hands on to. */
export function startProxy(target: number): CutProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let isCut = false;
  let isSwallowing = false;
  let dropped = 0;
  const drop = () => {
    // Each has two ends here.
    dropped += open.size / 2;
    for (const conn of [...open]) close(conn);
  };
  const close = (conn: Deno.Conn) => {
    if (open.delete(conn)) conn.close();
  };
  const pump = async (from: Deno.Conn, to: Deno.Conn) => {
    const buffer = new Uint8Array(65_536);
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        if (isSwallowing) continue;
        for (let done = 0; done < count;) done += await to.write(buffer.subarray(done, count));
      }
    } catch {
      // Cut, from here or from there.
    }
    close(from);
    close(to);
  };
  const accepting = (async () => {
    for await (const conn of listener) {
      if (isCut) {
        conn.close();
        continue;
      }
      const far = await Deno.connect({ hostname: "127.0.0.1", port: target }).catch(() => null);
      if (far === null) {
        conn.close();
        continue;
      }
      open.add(conn).add(far);
      pump(conn, far);
      pump(far, conn);
    }
  })();
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
  return {
    port: listener.addr.port,
    get dropped() {
      return dropped;
    },
    cut: async (forMs) => {
      isCut = true;
      drop();
      await pause(forMs);
      isCut = false;
    },
    swallow: async (forMs) => {
      isSwallowing = true;
      await pause(forMs);
      isSwallowing = false;
      drop();
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      drop();
      await accepting;
    },
  };
}
