import assert from "node:assert/strict";
import { main } from "../../main.ts";
import type { CommandIo } from "#app/io.ts";

/** What a command wrote. */
export interface Ran {
  code: number;
  out: string;
  err: string;
  files: Record<string, string>;
}

/** Runs a command as `main.ts` does, with files from a table, and gives what it wrote. */
export async function run(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const result: Ran = { code: 0, out: "", err: "", files: {} };
  const io: CommandIo = {
    stdout: (text) => void (result.out += text),
    stderr: (text) => void (result.err += text),
    readText: (path) => Promise.resolve(files[path] ?? assert.fail(`asked for ${path}`)),
    writeTextAtomic: (path, text) => Promise.resolve(void (result.files[path] = text)),
    isTerminal: false,
    stderrIsTerminal: false,
    columns: 80,
    env: () => undefined,
  };
  result.code = await main(args, io);
  return result;
}
