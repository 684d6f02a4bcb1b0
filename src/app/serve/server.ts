import { UsageError } from "../errors.ts";
import { createFeed, type Feed, MOST_VIEWERS } from "./feed.ts";
import { answer, refusalOf, STOP } from "./guard.ts";

/** The port where none is named; a free one where it is taken. */
const USUAL_PORT = 7447;
/** Longest wait at the end for viewers to load the report. */
const LAST_WAIT_MS = 30_000;
/** Within that a page that was sent asks for its events, or nobody looks at it. */
const CONNECT_MS = 10_000;
/** Longest wait at the close for what is still on its way to a viewer. */
const CLOSE_MS = 2000;

/** A page on this machine's loopback interface, open while a study runs. */
export interface LiveServer extends AsyncDisposable {
  /** The address with the token of the stop button; its part before `#` shows the page without the button. */
  readonly address: string;
  readonly feed: Feed;
  /** Makes the page that `/` has from now on. */
  show(page: () => Promise<string>): void;
  /** Called when a viewer with the token asks for a stop. */
  onStop(listener: () => void): void;
  /** Puts the report in the page's place, lets the viewers know, and waits until they have it. */
  finish(html: string, text: string): Promise<void>;
}

/**
 * Listens on 127.0.0.1, then gives the permission to use the net back: what is open stays open, and nothing else can
 * be opened or reached.
 *
 * @param port `null` for the usual one.
 * @param keepsNet true where the process reaches a queue; else the net is given back.
 * @throws {UsageError} where the port is taken, or the process may not listen.
 */
export async function openServer(port: number | null, keepsNet = false): Promise<LiveServer> {
  const token = crypto.getRandomValues(new Uint8Array(16)).toHex();
  const feed = createFeed(crypto.getRandomValues(new Uint8Array(4)).toHex());
  // Whoever comes while the study is being prepared waits for its page.
  const first = Promise.withResolvers<void>();
  let page = async (): Promise<string> => {
    await first.promise;
    return isEnded ? "The study could not begin\n" : await page();
  };
  let isEnded = false;
  let stop = () => {};
  /** Times at which pages were asked for that have not asked for their events yet. */
  const sent: number[] = [];
  let isOver = false;
  /** Viewers that are to load the report, and those that have. */
  let [awaited, reports] = [0, 0];
  const handle = async (request: Request): Promise<Response> => {
    const refusal = refusalOf(request, { port: server.addr.port, token });
    if (refusal) return refusal;
    switch (new URL(request.url).pathname) {
      case STOP:
        stop();
        return answer(null, { status: 202 });
      case "/events": {
        if (feed.viewers >= MOST_VIEWERS) return answer("Too many viewers\n", { status: 503 });
        const last = request.headers.get("last-event-id");
        // A viewer that comes back brings the number of its last event.
        if (last === null && sent.shift() !== undefined && isOver) awaited++;
        const headers = { "content-type": "text/event-stream", "x-accel-buffering": "no" };
        return answer(feed.stream(last), { headers });
      }
      default: {
        const isGet = request.method === "GET";
        if (isGet && !isOver) sent.push(performance.now());
        else if (isGet) reports++;
        const html = await page();
        return answer(isGet ? html : null, { headers: PAGE_HEADERS });
      }
    }
  };
  const server = listen(port, handle);
  if (!keepsNet) await Deno.permissions.revoke({ name: "net" });
  return {
    address: `http://127.0.0.1:${server.addr.port}/#stop=${token}`,
    feed,
    show: (next) => {
      page = next;
      first.resolve();
    },
    onStop: (listener) => stop = listener,
    finish: async (html, text) => {
      page = () => Promise.resolve(html);
      first.resolve();
      isOver = true;
      awaited += feed.viewers;
      feed.publish("over", { text });
      const until = performance.now() + LAST_WAIT_MS;
      const isComing = () => sent.some((at) => performance.now() - at < CONNECT_MS);
      while ((reports < awaited || isComing()) && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    [Symbol.asyncDispose]: async () => {
      feed.close();
      isEnded = true;
      first.resolve();
      // A viewer that takes nothing more must not keep the study's process.
      const patience = Promise.withResolvers<void>();
      const timer = setTimeout(patience.resolve, CLOSE_MS);
      await Promise.race([server.shutdown(), patience.promise]);
      clearTimeout(timer);
    },
  };
}

/** The page's own policy stands in it; a frame can only be refused by a header. */
const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "frame-ancestors 'none'",
  "x-frame-options": "DENY",
};

type Handler = (request: Request) => Promise<Response>;

function listen(port: number | null, handler: Handler): Deno.HttpServer<Deno.NetAddr> {
  const at = (port: number) =>
    Deno.serve({
      hostname: "127.0.0.1",
      port,
      onListen: () => {},
      onError: () => answer("The page failed\n", { status: 500 }),
    }, handler);
  try {
    return at(port ?? USUAL_PORT);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      if (port === null) return at(0);
      throw new UsageError(
        `Cannot serve on port ${port}: another program uses it. Name another, or none for a free one`,
      );
    }
    if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) {
      throw new UsageError(
        `Cannot serve on port ${port ?? USUAL_PORT}: ${
          error.message.split("\n")[0]
        }. The tasks of deno.json may ` +
          "listen on 127.0.0.1; ports below 1024 belong to the system",
      );
    }
    throw error;
  }
}
