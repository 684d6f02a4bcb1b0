/**
 * A process that works on several studies at once, each as its command would, so that one SIGKILL hits all of them: a
 * process costs more to start than most of them to train. It prints a line of JSON for each piece of text and each end.
 */
import { main } from "../../main.ts";
import { denoIo } from "#app/io.ts";

/** A command that starts some time after the process. */
export interface Call {
  readonly task: string;
  readonly args: readonly string[];
  readonly delayMs: number;
}

/** A line: what a study printed to stderr, or how it ended. */
export type Line = { readonly study: number } & ({ readonly text: string } | { readonly code: number });

function print(line: Line): void {
  let rest = new TextEncoder().encode(JSON.stringify(line) + "\n");
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}

async function work({ task, args, delayMs }: Call, study: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  print({ study, text: "" });
  const io = { ...denoIo(), isTerminal: false, stderrIsTerminal: false, columns: 80 };
  const code = await main([task, ...args], {
    ...io,
    stdout: () => {},
    stderr: (text) => print({ study, text }),
  });
  print({ study, code });
}

if (import.meta.main) await Promise.all((JSON.parse(Deno.args[0]!) as Call[]).map(work));
