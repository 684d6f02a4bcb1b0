import { spawnWorker } from "../workers/worker_port.ts";
import { counted } from "#lib/numbers.ts";
import type { BackendChoice } from "#compute/device.ts";
import { chooseBackend, openBackend } from "#compute/devices.ts";
import type { DeviceInfo } from "#results/provenance.ts";
import type { CommandIo } from "../io.ts";
import { defaultJobs } from "../machine/cores.ts";
import { commit, versions } from "../machine/provenance.ts";
import { STOP_SIGNALS } from "../terminal/stop_on_signal.ts";
import type { QueueAddress } from "./address.ts";
import { type Conditions, conditionsText } from "./conditions.ts";
import { MOST_THREADS } from "./job.ts";
import { work } from "./work.ts";

export { queueAddress, redacted } from "./address.ts";

export interface WorkerOptions {
  readonly backend: BackendChoice;
  /** Runs at a time; `null` for what suits the device. */
  readonly jobs: number | null;
  readonly dataDir: string | null;
  /** Folder of modules of custom schedules; `null` refuses jobs that name any. */
  readonly modules: string | null;
  readonly takeoverMs: number;
  readonly io: CommandIo;
}

/** Runs a worker until a signal stops it. */
export async function runWorker(
  address: QueueAddress,
  { backend: choice, jobs, dataDir, modules, takeoverMs, io }: WorkerOptions,
): Promise<void> {
  const { backend, why } = await chooseBackend(choice);
  const { conditions, devices } = await ownConditions(backend);
  const slots = jobs ?? defaultJobs(backend, Infinity, 1);
  const name = `${Deno.hostname()}-${Deno.pid}-${crypto.randomUUID().slice(0, 4)}`;
  const log = (text: string) => io.stderr(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
  const atWork = await work(address, {
    name,
    conditions,
    devices,
    slots,
    dataDir,
    modules,
    takeoverMs,
    spawnWorker: io.spawnWorker ?? spawnWorker,
    log,
  });
  io.stderr(
    `Worker ${name} at ${address.shown}: ${counted(slots, "run")} at a time, on ` +
      `${conditionsText(conditions)}${why && ` (${why})`}. Ctrl-C hands its runs back and ends it.\n`,
  );
  await signalled();
  io.stderr("Handing the runs in progress back …\n");
  await atWork.stop();
}

/** The conditions of the runs of this machine, and its device with 1, 2, 3 … threads a run. */
export async function ownConditions(
  backend: DeviceInfo["backend"],
): Promise<{ conditions: Conditions; devices: Omit<DeviceInfo, "why">[] }> {
  const devices = await devicesOf(backend);
  return { conditions: { device: devices[0]!, commit: await commit(), versions: versions() }, devices };
}

/** The device as it calls itself with 1, 2, 3 … threads a run. */
async function devicesOf(backend: DeviceInfo["backend"]): Promise<Omit<DeviceInfo, "why">[]> {
  const counts = backend === "wasm" ? Array.from({ length: MOST_THREADS }, (_, index) => index + 1) : [1];
  const found = [];
  for (const threads of counts) {
    using device = await openBackend(backend, "", { threads });
    const { name, detail } = device.info;
    found.push({ backend, name, detail });
  }
  return found;
}

/** Resolves at the first signal that asks a process to end; a second one ends it at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    for (const signal of STOP_SIGNALS) {
      Deno.addSignalListener(signal, () => {
        // One Ctrl-C may come twice: from the terminal, and from `deno task`.
        if (askedAt !== null && performance.now() - askedAt > 1000) Deno.exit(130);
        askedAt ??= performance.now();
        resolve();
      });
    }
  });
}
