import { DataError } from "./source.ts";
import { reason } from "./files.ts";

/** A file to fetch. */
export interface DownloadRequest {
  readonly url: string;
  /** File for the bytes until all have arrived; a later call continues at its end. */
  readonly part: string;
  /** Exact size, where it is known. */
  readonly bytes: number | null;
  /** Nothing larger is taken. */
  readonly mostBytes: number;
}

/** The outside world of a download: progress, notices of retries, and waiting. */
export interface DownloadTools {
  progress(done: number, total: number | null): void;
  /** Called when the connection broke, before the wait of `waitMs` milliseconds and the next try. */
  retrying(why: string, waitMs: number): void;
  wait(ms: number, signal: AbortSignal): Promise<void>;
  readonly signal: AbortSignal;
}

/** Breaks in a row, without a new byte between them, before giving up; the waits between them are 1, 2 and 4 s. */
const TRIES = 4;
const FIRST_WAIT_MS = 1000;
/** A server may ask for a wait of its own up to this long. */
const LONGEST_WAIT_MS = 60_000;
/** A connection that brings nothing for this long is given up. */
const STALLED_MS = 30_000;

/** A failure that another try may mend. */
class Transient extends Error {
  constructor(message: string, readonly waitMs: number | null = null) {
    super(message);
  }
}

/**
 * Fetches a file into `part`, continuing after the bytes that are there and retrying after breaks.
 *
 * @throws {DataError} for a refusal, a wrong length, or breaks without end; `part` stays only where it can be resumed.
 * @throws the signal's reason, where it was aborted; `part` stays.
 */
export async function download(request: DownloadRequest, tools: DownloadTools): Promise<void> {
  let failures = 0;
  for (;;) {
    const before = await sizeOf(request.part);
    try {
      return await attempt(request, before, tools);
    } catch (error) {
      tools.signal.throwIfAborted();
      if (!(error instanceof Transient)) throw error;
      failures = await sizeOf(request.part) > before ? 1 : failures + 1;
      if (failures >= TRIES) {
        throw new DataError(
          `Cannot get ${request.url}: ${error.message}, ${TRIES} times in a row. Run the same command again to ` +
            "continue; the bytes that came are saved",
        );
      }
      const waitMs = Math.min(error.waitMs ?? FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
      tools.retrying(error.message, waitMs);
      await tools.wait(waitMs, tools.signal);
    }
  }
}

/** One connection. @throws {Transient} where another may do better. */
async function attempt(request: DownloadRequest, have: number, tools: DownloadTools): Promise<void> {
  if (have > request.mostBytes) {
    await Deno.remove(request.part);
    have = 0;
  }
  if (have > 0 && have === request.bytes) return;
  const connection = new AbortController();
  const signal = AbortSignal.any([tools.signal, connection.signal]);
  const stalled = () => connection.abort(new Transient(`nothing came for ${STALLED_MS / 1000} s`));
  let timer = setTimeout(stalled, STALLED_MS);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(stalled, STALLED_MS);
  };
  try {
    const response = await ask(request.url, have, signal);
    const { start, total, body } = await accept(response, request, have);
    if (body !== null) await append(body, request, start, total, tools, alive);
  } finally {
    clearTimeout(timer);
    connection.abort();
  }
}

/** Sends the request; a range where there are bytes to continue from. */
async function ask(url: string, have: number, signal: AbortSignal): Promise<Response> {
  // Without `identity` a server may mark the archive as a transfer encoding and fetch would unpack it.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (have > 0) headers["range"] = `bytes=${have}-`;
  try {
    return await fetch(url, { headers, signal });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      const { host } = new URL(url);
      throw new DataError(
        `Cannot get ${url}: Deno was started without the permission to reach ${host}; ` +
          "`deno task data` has it for the official addresses, others need --allow-net of their own",
      );
    }
    throw broken(error, signal);
  }
}

interface Accepted {
  /** Position in the whole file of the body's first byte. */
  readonly start: number;
  readonly total: number | null;
  /** `null` where nothing is left to fetch. */
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Decides by status and headers what the body is. */
async function accept(response: Response, request: DownloadRequest, have: number): Promise<Accepted> {
  const { status, headers } = response;
  if (status === 200 || status === 206) {
    // 200 answers a range too: the server sends everything, so what was there is written over.
    const range = status === 206
      ? /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "")
      : null;
    const start = range ? Number(range[1]) : 0;
    const length = headers.get("content-length");
    const total = range && range[2] !== "*"
      ? Number(range[2])
      : length === null
      ? null
      : start + Number(length);
    if (status === 206 && (range === null || start !== have)) {
      await response.body?.cancel();
      await Deno.remove(request.part);
      throw new Transient("the server sent another part than was asked for");
    }
    checkTotal(total, request);
    return { start, total, body: response.body };
  }
  await response.body?.cancel();
  if (status === 416) {
    // Nothing after what is there: it is whole, if its size is what the server says.
    if (headers.get("content-range") === `bytes */${have}` && request.bytes === null) {
      return { start: have, total: have, body: null };
    }
    if (have > 0) await Deno.remove(request.part);
    throw new Transient("the server could not continue from the bytes that are here, so they were deleted");
  }
  const reason = `the server answered ${status}${response.statusText ? ` ${response.statusText}` : ""}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const seconds = Number(headers.get("retry-after") ?? NaN);
    throw new Transient(reason, Number.isFinite(seconds) ? seconds * 1000 : null);
  }
  throw new DataError(`Cannot get ${request.url}: ${reason}`);
}

function checkTotal(total: number | null, { url, bytes, mostBytes }: DownloadRequest): void {
  if (total === null) return;
  if (bytes !== null && total !== bytes) {
    throw new DataError(`Cannot get ${url}: the server offers ${total} bytes; the file has ${bytes}`);
  }
  if (total > mostBytes) {
    throw new DataError(
      `Cannot get ${url}: the server offers ${total} bytes; at most ${mostBytes} are allowed`,
    );
  }
}

/** Writes the body behind what is there. */
async function append(
  body: ReadableStream<Uint8Array>,
  request: DownloadRequest,
  start: number,
  total: number | null,
  tools: DownloadTools,
  alive: () => void,
): Promise<void> {
  using file = await openPart(request.part, start);
  let done = start;
  const most = request.bytes ?? request.mostBytes;
  try {
    for await (const chunk of body) {
      alive();
      if (done + chunk.length > most) {
        await Deno.remove(request.part);
        throw new DataError(`Cannot get ${request.url}: more than ${most} bytes came; nothing was saved`);
      }
      for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
      done += chunk.length;
      tools.progress(done, request.bytes ?? total);
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    if (isDiskError(error)) throw new DataError(`Cannot write ${request.part}: ${reason(error)}`);
    throw broken(error, tools.signal);
  }
  const end = request.bytes ?? total;
  if (end !== null && done < end) throw new Transient(`the connection ended after ${done} of ${end} bytes`);
  await file.sync();
}

async function openPart(path: string, start: number): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(path, { write: true, create: true });
    await file.truncate(start);
    await file.seek(start, Deno.SeekMode.Start);
    return file;
  } catch (error) {
    throw new DataError(`Cannot write ${path}: ${reason(error)}`, { cause: error });
  }
}

/** A network failure as something to try again; what was aborted on purpose is passed on. */
function broken(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  // The address is in the message of whoever reports this.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = (cause instanceof Error ? cause.message : String(cause))
    .replace(/^error sending request for url \(.*?\): /, "");
  return new Transient(`the connection failed (${reason})`);
}

function isDiskError(error: unknown): boolean {
  return error instanceof Error && /No space left|read-only file system|quota/i.test(error.message);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw new DataError(`Cannot look at ${path}: ${reason(error)}`, { cause: error });
  }
}
