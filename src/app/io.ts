import { printableLines } from "#lib/printable.ts";
import { UsageError } from "./errors.ts";
import type { WorkerPort } from "./workers/protocol.ts";

export { Exited, Failure, Interrupted, UsageError } from "./errors.ts";

/** The outside world of a command: its streams, files, terminal, environment and threads. */
export interface CommandIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** @throws {UsageError} where the file cannot be read. */
  readText(path: string): Promise<string>;
  /** Writes a file so that a reader sees the old text or the new one, never a part. */
  writeTextAtomic(path: string, text: string): Promise<void>;
  /** True where stdout is a terminal. */
  readonly isTerminal: boolean;
  /** True where stderr, which shows the progress, is a terminal. */
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal in characters; 80 where there is none. */
  readonly columns: number;
  env(name: string): string | undefined;
  /** Starts a thread that trains; the lab's own way, which commands that train load, if absent. */
  spawnWorker?(): WorkerPort;
  /** Asks a question and waits for a line; absent where nobody is there to answer. */
  ask?(question: string): Promise<string>;
}

/** The real streams, files and terminal. */
export function denoIo(): CommandIo {
  const isTerminal = Deno.stdout.isTerminal();
  return {
    stdout: (text) => writeUntilClosed(Deno.stdout, text),
    // Names in it may come from files of others. Only a line that is drawn over begins with a carriage return.
    stderr: (text) => writeAll(Deno.stderr, text.slice(0, 1) + printableLines(text.slice(1))),
    readText,
    writeTextAtomic,
    isTerminal,
    stderrIsTerminal: Deno.stderr.isTerminal(),
    columns: isTerminal || Deno.stderr.isTerminal() ? consoleColumns() : 80,
    env: (name) => Deno.env.get(name),
    ...(Deno.stdin.isTerminal()
      ? { ask: (question: string) => Promise.resolve(prompt(question) ?? "") }
      : {}),
  };
}

/** A reader that has gone, as `head` does, wants no more; what a command does besides is still to be done. */
function writeUntilClosed(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  try {
    writeAll(stream, text);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
}

async function readText(path: string): Promise<string> {
  try {
    const { readLimitedText } = await import("./storage/read_limited.ts");
    return await readLimitedText(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot read ${path}: ${reason(error)}`);
  }
}

async function writeTextAtomic(path: string, text: string): Promise<void> {
  const { writeAtomic } = await import("./storage/write.ts");
  try {
    await writeAtomic(path, text);
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${reason((error as Error).cause ?? error)}`);
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error instanceof Error ? error.message : String(error);
}

function consoleColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}
