import { fileURLToPath } from "node:url";

/** Something else that trains the same model, asked for some steps at a time. */
export interface Peer extends AsyncDisposable {
  /** `PyTorch 1.13.1, 2 threads` */
  readonly name: string;
  measure(steps: number): Promise<StepTime>;
}

/** Milliseconds of a step, on average over some. */
export interface StepTime {
  readonly ms: number;
  /** Time of all processors together; `null` where the peer is not a process of its own. */
  readonly processorMs: number | null;
}

const PYTHONS = ["python3", "/usr/bin/python3"];

export type PeerDevice = "cpu" | "cuda";

/** Starts PyTorch in a process of its own; where it cannot be compared with, why not. */
export async function startPyTorch(
  { model, size, batch, threads, device }: {
    readonly model: string;
    readonly size: number;
    readonly batch: number;
    readonly threads: number;
    readonly device: PeerDevice;
  },
): Promise<Peer | string> {
  const script = fileURLToPath(new URL("./pytorch_step.py", import.meta.url));
  for (const python of PYTHONS) {
    const args = [script, model, String(size), String(batch), String(threads), device];
    // OpenBLAS keeps threads of its own, which PyTorch does not set.
    const peer = await tryPeer(python, args, { OPENBLAS_NUM_THREADS: String(threads) });
    if (peer) return peer;
  }
  return "no Python here has PyTorch";
}

async function tryPeer(
  python: string,
  args: string[],
  env: Record<string, string>,
): Promise<Peer | string | null> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(python, { args, env, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
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
  const name = await nextLine();
  if (name === null || name.startsWith("none: ")) {
    await close();
    return name && name.slice("none: ".length);
  }
  return {
    name,
    measure: async (steps) => {
      await writer.write(new TextEncoder().encode(`${steps}\n`));
      const [ms = NaN, processorMs = NaN] = (await nextLine() ?? "").split(" ").map(Number);
      if (!Number.isFinite(ms + processorMs)) throw new Error("PyTorch ended before it answered");
      return { ms, processorMs };
    },
    [Symbol.asyncDispose]: close,
  };
}
