import assert from "node:assert/strict";
import { fromFileUrl } from "../schedules/paths.ts";
import { pythonPath } from "./requires.ts";

/** A Python in which PyTorch is imported, and the lines that it answers. */
interface Server {
  readonly child: Deno.ChildProcess;
  readonly input: WritableStreamDefaultWriter<Uint8Array>;
  readonly answers: AsyncGenerator<string>;
}

let started: Server | null = null;
/** Ends when the request before is answered. */
let before: Promise<unknown> = Promise.resolve();

function start(): Server {
  const child = new Deno.Command(pythonPath(), {
    args: ["-B", fromFileUrl("../golden/torch_server.py")],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  return { child, input: child.stdin.getWriter(), answers: linesOf(child.stdout) };
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let line = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const [end, ...next] = text.split("\n");
    line += end;
    for (const start of next) {
      yield line;
      line = start;
    }
  }
}

/**
 * What a script of `tests/golden` that uses PyTorch prints for an input, which it reads as JSON. All scripts of a thread
 * share one import of PyTorch, which takes seconds; each runs in a process of its own behind it.
 *
 * @throws {AssertionError} with Python's traceback, where the script fails.
 */
export async function runTorch(script: string, input: unknown = null): Promise<string> {
  const answer = before.then(() => ask(script, input));
  before = answer.catch(() => {});
  return await answer;
}

async function ask(script: string, input: unknown): Promise<string> {
  started ??= start();
  const line = JSON.stringify({ script, input: JSON.stringify(input) });
  await started.input.write(new TextEncoder().encode(`${line}\n`));
  const { value, done } = await started.answers.next();
  assert.ok(!done, "Python ended before it answered");
  const { stdout, error } = JSON.parse(value) as { stdout: string; error: string | null };
  assert.equal(error, null, `${script}: ${error}`);
  return stdout;
}

// A lane, or a file that is run alone, ends with its last test.
Deno.test.afterAll(async () => {
  await started?.input.close();
  await started?.child.status;
  started = null;
});
