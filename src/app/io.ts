/** What a command may do to the world, so that a test can give it another. */
export interface CommandIo {
  /** Results. With `--format json`, JSON alone. */
  stdout(text: string): void;
  /** Everything else: progress, warnings, errors. */
  stderr(text: string): void;
  readText(path: string): Promise<string>;
  writeTextAtomic(path: string, text: string): Promise<void>;
  /** Whether stderr is a terminal that a person watches. */
  readonly isTerminal: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
  env(name: string): string | undefined;
}

/** Something that the user can put right: shown as it is, without a stack trace; exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Something that failed though the command was right: shown as it is; exit code 1. */
export class Failure extends Error {
  override name = "Failure";
}

export function denoIo(): CommandIo {
  const encoder = new TextEncoder();
  const writeAll = (stream: { writeSync(bytes: Uint8Array): number }, text: string) => {
    const bytes = encoder.encode(text);
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  };
  const isTerminal = Deno.stderr.isTerminal();
  return {
    stdout: (text) => writeAll(Deno.stdout, text),
    stderr: (text) => writeAll(Deno.stderr, text),
    readText: (path) => Deno.readTextFile(path),
    writeTextAtomic: async (path, text) => await (await import("./disk.ts")).writeAtomic(path, text),
    isTerminal,
    columns: isTerminal ? Deno.consoleSize().columns : 100,
    env: (name) => Deno.env.get(name),
  };
}
