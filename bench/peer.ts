import { fileURLToPath } from "node:url";

/** PyTorch training the same model in a process of its own, asked for some steps at a time. */
export interface Peer extends AsyncDisposable {
  /** `PyTorch 1.13.1, 2 threads` */
  readonly name: string;
  /** Milliseconds of each of some steps, on average. */
  measure(steps: number): Promise<number>;
}

const PYTHONS = ["python3", "/usr/bin/python3"];

/** Starts PyTorch; `null` where no Python of this machine has it, or it has no such model. */
export async function startPeer(model: string, batch: number, threads: number): Promise<Peer | null> {
  const script = fileURLToPath(new URL("./pytorch_step.py", import.meta.url));
  for (const python of PYTHONS) {
    const peer = await tryPeer(python, [script, model, String(batch), String(threads)], threads);
    if (peer) return peer;
  }
  return null;
}

async function tryPeer(python: string, args: string[], threads: number): Promise<Peer | null> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(python, { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  } catch {
    return null;
  }
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const writer = child.stdin.getWriter();
  let text = "";
  const nextLine = async (): Promise<string | null> => {
    while (!text.includes("\n")) {
      const { done, value } = await lines.read();
      if (done) return null;
      text += value;
    }
    const [line, ...rest] = text.split("\n");
    text = rest.join("\n");
    return line!;
  };
  const close = async () => {
    await writer.close().catch(() => {});
    await lines.cancel().catch(() => {});
    await child.status;
  };
  const version = await nextLine();
  if (version === null) {
    await close();
    return null;
  }
  return {
    name: `PyTorch ${version}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    measure: async (steps) => {
      await writer.write(new TextEncoder().encode(`${steps}\n`));
      const answer = Number(await nextLine() ?? NaN);
      if (!Number.isFinite(answer)) throw new Error("PyTorch ended before it answered");
      return answer;
    },
    [Symbol.asyncDispose]: close,
  };
}
