import process from "node:process";
import type { Backend, DeviceInfo } from "#compute/device.ts";
import { holdDriver } from "#compute/devices.ts";
import { type Peer, type PeerDevice, startPyTorch, type StepTime } from "./peer.ts";
import { stepOperations } from "./operations.ts";
import { type Spread, spread } from "./statistics.ts";

/** PyTorch, or TensorFlow.js as it ships, op by op on the same WebGPU driver. */
export type PeerChoice =
  | { readonly kind: "pytorch"; readonly threads: number; readonly device: PeerDevice }
  | { readonly kind: "tfjs" };

export interface StepOptions {
  readonly backend: Backend;
  readonly model: string;
  /** Height and width of an image, in pixels. */
  readonly size: number;
  readonly batch: number;
  /** Steps in a round. */
  readonly steps: number;
  /** Rounds, each of ours and then the peer's. */
  readonly rounds: number;
  /** Threads that share each batch (WASM). */
  readonly threads: number;
  /** Runs at once. */
  readonly runs: number;
  readonly peer: PeerChoice | null;
}

/** Output of `bench step --format json`. */
export interface StepFigures {
  /** Wall time over all runs' steps: with two runs at once, half of what one of them waits. */
  readonly ms_per_step: number;
  readonly ms_per_step_spread: Spread;
  /** Operations of the step's convolutions, as direct ones, through its time: of all runs at once. */
  readonly gflops: number;
  readonly model: string;
  readonly size: number;
  readonly batch: number;
  readonly backend: Backend;
  /** Steps timed, in all runs and rounds. */
  readonly steps: number;
  readonly threads: number;
  readonly runs: number;
  readonly device: DeviceInfo;
  /** Memory of all runs' learners, without the data; `null` where the device does not say. */
  readonly memory_bytes: number | null;
  readonly evaluation_ms_per_image: number;
  /** JavaScript of a step, submissions included, as `host.ts` measures it; `null` where the device is the host. */
  readonly host_ms_per_step: Spread | null;
  readonly peer: { readonly name: string; readonly ms_per_step: Spread } | null;
  /** Ours through the peer's, round by round; `null` without a peer. */
  readonly ratio: Spread | null;
  /** Time of all processors together, of this process and of PyTorch's: the figures to read on a machine in use. */
  readonly processor: {
    readonly ms_per_step: Spread;
    readonly peer_ms_per_step: Spread | null;
    readonly ratio: Spread | null;
  };
}

export type StepRequest =
  | {
    readonly kind: "open";
    readonly backend: Backend | "tfjs";
    readonly model: string;
    readonly size: number;
    readonly batch: number;
    readonly threads: number;
  }
  | { readonly kind: "update"; readonly steps: number }
  | { readonly kind: "host" }
  | { readonly kind: "evaluate" };

export type StepAnswer =
  | { readonly kind: "open"; readonly device: DeviceInfo; readonly memoryBytes: number | null }
  | { readonly kind: "took"; readonly ms: number }
  | { readonly kind: "failed"; readonly message: string };

/** Times training steps, in alternation with a peer's where this machine has it. */
export async function benchStep(options: StepOptions, note: (text: string) => void): Promise<StepFigures> {
  const { backend, model, size, batch, steps, rounds, threads, runs } = options;
  await holdDriver(options.peer?.kind === "tfjs" ? "webgpu" : backend);
  using workers = new Runs(runs);
  const opened = await workers.ask({ kind: "open", backend, model, size, batch, threads });
  const first = opened[0] as StepAnswer & { kind: "open" };
  const started = options.peer ? await startPeer(options.peer, options) : null;
  if (typeof started === "string") note(`${started}: nothing to compare with\n`);
  await using peer = typeof started === "string" ? null : started;
  // Compilers warm up, ours and the peer's.
  await workers.ask({ kind: "update", steps: Math.min(steps, 10) });
  await peer?.measure(Math.min(steps, 5));
  const ours: { ms: number; processorMs: number }[] = [];
  const theirs: StepTime[] = [];
  const host: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [start, processor] = [performance.now(), processorMs()];
    await workers.ask({ kind: "update", steps });
    ours.push({
      ms: (performance.now() - start) / (steps * runs),
      processorMs: (processorMs() - processor) / (steps * runs),
    });
    if (backend === "webgpu") host.push(...(await workers.ask({ kind: "host" })).map(msOf));
    if (peer) theirs.push(await peer.measure(steps));
    note(
      `round ${round + 1} of ${rounds}: ${ours.at(-1)!.ms.toFixed(2)} ms${
        peer ? ` against ${theirs.at(-1)!.ms.toFixed(2)}` : ""
      }\n`,
    );
  }
  const [evaluated] = await workers.ask({ kind: "evaluate" });
  const times = ours.map(({ ms }) => ms);
  const memory = opened.map((answer) => answer.kind === "open" ? answer.memoryBytes : null);
  return {
    ms_per_step: spread(times).median,
    ms_per_step_spread: spread(times),
    gflops: batch * stepOperations(model, size) / spread(times).median / 1e6,
    model,
    size,
    batch,
    backend,
    steps: steps * rounds * runs,
    threads,
    runs,
    device: first.device,
    memory_bytes: memory.some((bytes) => bytes === null)
      ? null
      : memory.reduce<number>((sum, bytes) => sum + bytes!, 0),
    evaluation_ms_per_image: msOf(evaluated!),
    host_ms_per_step: backend === "webgpu" ? spread(host) : null,
    peer: peer ? { name: peer.name, ms_per_step: spread(theirs.map(({ ms }) => ms)) } : null,
    ratio: peer ? spread(times.map((ms, round) => ms / theirs[round]!.ms)) : null,
    processor: processorFigures(ours.map(({ processorMs }) => processorMs), theirs),
  };
}

function processorFigures(ours: readonly number[], theirs: readonly StepTime[]): StepFigures["processor"] {
  const peer = theirs.flatMap(({ processorMs }) => processorMs ?? []);
  const whole = peer.length === ours.length;
  return {
    ms_per_step: spread(ours),
    peer_ms_per_step: whole ? spread(peer) : null,
    ratio: whole ? spread(ours.map((ms, round) => ms / peer[round]!)) : null,
  };
}

/** Processor time of this process so far, its workers' included. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function msOf(answer: StepAnswer): number {
  return answer.kind === "took" ? answer.ms : NaN;
}

async function startPeer(
  choice: PeerChoice,
  { model, size, batch }: Pick<StepOptions, "model" | "size" | "batch">,
): Promise<Peer | string> {
  if (choice.kind === "pytorch") return await startPyTorch({ model, size, batch, ...choice });
  const runs = new Runs(1);
  const [opened] = await runs.ask({ kind: "open", backend: "tfjs", model, size, batch, threads: 1 });
  const { name, detail } = (opened as StepAnswer & { kind: "open" }).device;
  return {
    name: `${name}, ${detail}`,
    measure: async (steps) => {
      const [answer] = await runs.ask({ kind: "update", steps });
      return { ms: msOf(answer!) / steps, processorMs: null };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(runs[Symbol.dispose]()),
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
