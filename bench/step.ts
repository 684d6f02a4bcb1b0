import type { Backend, DeviceInfo } from "#compute/device.ts";
import { startPeer } from "./peer.ts";
import { type Spread, spread } from "./statistics.ts";

export interface StepOptions {
  readonly backend: Backend;
  readonly model: string;
  readonly batch: number;
  /** Updates in a round. */
  readonly steps: number;
  /** Rounds, each of ours and then the peer's. */
  readonly rounds: number;
  /** Threads that share each batch (WASM). */
  readonly threads: number;
  /** Runs at once. */
  readonly runs: number;
  /** Threads of the peer; 0 for no peer. */
  readonly peerThreads: number;
}

/** What `bench step --format json` prints. */
export interface StepFigures {
  /** Wall time over all runs' updates: with two runs at once, half of what one of them waits. */
  readonly ms_per_step: number;
  readonly ms_per_step_spread: Spread;
  readonly model: string;
  readonly batch: number;
  readonly backend: Backend;
  /** Updates timed, in all runs and rounds. */
  readonly steps: number;
  readonly threads: number;
  readonly runs: number;
  readonly device: DeviceInfo;
  /** Memory of all runs' learners, without the data; `null` where the device does not say. */
  readonly memory_bytes: number | null;
  readonly evaluation_ms_per_image: number;
  readonly peer: { readonly name: string; readonly ms_per_step: Spread } | null;
  /** Ours through the peer's, round by round; `null` without a peer. */
  readonly ratio: Spread | null;
}

export type StepRequest =
  | {
    readonly kind: "open";
    readonly backend: Backend;
    readonly model: string;
    readonly batch: number;
    readonly threads: number;
  }
  | { readonly kind: "update"; readonly steps: number }
  | { readonly kind: "evaluate" };

export type StepAnswer =
  | { readonly kind: "open"; readonly device: DeviceInfo; readonly memoryBytes: number | null }
  | { readonly kind: "took"; readonly ms: number }
  | { readonly kind: "failed"; readonly message: string };

/** Times training steps, in alternation with PyTorch's where this machine has it. */
export async function benchStep(options: StepOptions, note: (text: string) => void): Promise<StepFigures> {
  const { backend, model, batch, steps, rounds, threads, runs } = options;
  using crew = new Runs(runs);
  const opened = await crew.ask({ kind: "open", backend, model, batch, threads });
  const first = opened[0] as StepAnswer & { kind: "open" };
  await using peer = options.peerThreads > 0 ? await startPeer(model, batch, options.peerThreads) : null;
  if (options.peerThreads > 0 && !peer) note("no Python here has PyTorch: nothing to compare with\n");
  // Compilers warm up, ours and PyTorch's.
  await crew.ask({ kind: "update", steps: Math.min(steps, 10) });
  await peer?.measure(Math.min(steps, 5));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await crew.ask({ kind: "update", steps });
    ours.push((performance.now() - start) / (steps * runs));
    if (peer) theirs.push(await peer.measure(steps));
    note(
      `round ${round + 1} of ${rounds}: ${ours.at(-1)!.toFixed(1)} ms${
        peer ? ` against ${theirs.at(-1)!.toFixed(1)}` : ""
      }\n`,
    );
  }
  const [evaluated] = await crew.ask({ kind: "evaluate" });
  const memory = opened.map((answer) => answer.kind === "open" ? answer.memoryBytes : null);
  return {
    ms_per_step: spread(ours).median,
    ms_per_step_spread: spread(ours),
    model,
    batch,
    backend,
    steps: steps * rounds * runs,
    threads,
    runs,
    device: first.device,
    memory_bytes: memory.some((bytes) => bytes === null)
      ? null
      : memory.reduce<number>((sum, bytes) => sum + bytes!, 0),
    evaluation_ms_per_image: evaluated!.kind === "took" ? evaluated!.ms : NaN,
    peer: peer ? { name: peer.name, ms_per_step: spread(theirs) } : null,
    ratio: peer ? spread(ours.map((ms, round) => ms / theirs[round]!)) : null,
  };
}

/** Workers that each train a run. */
class Runs implements Disposable {
  readonly #workers: readonly Worker[];

  constructor(count: number) {
    this.#workers = Array.from(
      { length: count },
      () => new Worker(new URL("./step_worker.ts", import.meta.url), { type: "module" }),
    );
  }

  /** Asks every run at once; the answers of all. */
  ask(request: StepRequest): Promise<StepAnswer[]> {
    return Promise.all(this.#workers.map((worker) =>
      new Promise<StepAnswer>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<StepAnswer>) =>
          data.kind === "failed" ? reject(new Error(data.message)) : resolve(data);
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new Error(event.message));
        };
        worker.postMessage(request);
      })
    ));
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }
}
