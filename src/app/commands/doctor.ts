import { statfs } from "node:fs/promises";
import { chooseBackend, type Probe, probeDevices } from "#compute/devices.ts";
import { DATASET_NAMES, DATASETS } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { datasetFolder, inspect } from "#datasets/inspect.ts";
import { REMOTE_NAMES, type RemoteName } from "#datasets/manifest.ts";
import { DEFAULT_DATA_DIR } from "#datasets/source.ts";
import type { CommandIo } from "../io.ts";
import { newCommand } from "./command.ts";
import { versions } from "../machine/provenance.ts";
import { dataDirOption, formatOption } from "./options.ts";

/** `doctor`: devices, versions and data sets of this machine, and the device in use. */
export function doctorCommand(io: CommandIo) {
  return newCommand("doctor", io)
    .description("Shows devices, versions and data sets of this machine, and the device in use.")
    .addOption(dataDirOption().default(DEFAULT_DATA_DIR))
    .addOption(formatOption())
    .action(async ({ dataDir, format }) => {
      const found = await examine(dataDir);
      io.stdout(format === "json" ? JSON.stringify(found, null, 2) + "\n" : printed(found));
    });
}

type Findings = Awaited<ReturnType<typeof examine>>;

async function examine(dataDir: string) {
  const { backend, why } = await chooseBackend("auto");
  const devices = await probeDevices();
  return {
    automatic: { backend, why },
    devices,
    webgpu: devices.some((probe) => probe.backend === "webgpu" && probe.usable) ? await examineGpu() : null,
    versions: versions(),
    machine: machine(),
    data: { folder: dataDir, free_bytes: await freeBytes(dataDir), sets: await dataSets(dataDir) },
  };
}

async function examineGpu() {
  const { inspectWebgpu, LOOPS_END_EARLY } = await import("#compute/webgpu/device.ts");
  try {
    const { name, vendor, driver, software, features, limits, loopsEndEarly } = await inspectWebgpu();
    return {
      name,
      vendor,
      driver: await driverVersion(driver),
      software,
      warning: loopsEndEarly ? LOOPS_END_EARLY : null,
      features,
      limits,
    };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** WebGPU reports no version; the kernel knows that of NVIDIA's driver. */
async function driverVersion(driver: string): Promise<string> {
  const text = await Deno.readTextFile("/proc/driver/nvidia/version").catch(() => "");
  const version = driver.startsWith("NVIDIA") && /Module\s+(?:for \S+\s+)?([\d.]+)/.exec(text)?.[1];
  return version ? `${driver}, version ${version}` : `${driver}; its version is not known`;
}

function machine() {
  const memory = Deno.systemMemoryInfo();
  return {
    system: `${Deno.build.os} ${Deno.build.arch}`,
    cores: navigator.hardwareConcurrency,
    memory_bytes: memory.total,
    available_bytes: memory.available,
  };
}

/** Room where the data folder is, or would be made; `null` where the system does not say. */
async function freeBytes(folder: string): Promise<number | null> {
  for (const path of [folder, "."]) {
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    } catch {
      // The folder may not be there yet.
    }
  }
  return null;
}

async function dataSets(dataDir: string) {
  const ready = DATASET_NAMES.filter((name) => DATASETS[name]!.source !== "own");
  const sets = ready.map(async (name) => {
    if (!(REMOTE_NAMES as readonly string[]).includes(name)) return { name, state: "built in" };
    const remote = name as RemoteName;
    const found = await inspect(remote, datasetFolder(remote, dataDir), denoFiles);
    return {
      name,
      state: found.kind as string,
      ...(found.kind === "broken" ? { problem: found.problem } : {}),
    };
  });
  return await Promise.all(sets);
}

function printed({ automatic, devices, webgpu, versions, machine, data }: Findings): string {
  const lines = [
    `auto takes ${automatic.backend}${automatic.why === "" ? "" : ` because: ${automatic.why}`}`,
    "",
    "Devices",
    ...devices.flatMap((probe) => [
      `  ${probe.backend.padEnd(8)}${verdict(probe)}`,
      ...(probe.backend === "webgpu" ? gpuLines(webgpu) : []),
    ]),
    "",
    `Machine   ${machine.system}, ${machine.cores} cores, ` +
    `${gibibytes(machine.available_bytes)} of ${gibibytes(machine.memory_bytes)} memory available`,
    `Versions  ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ")}`,
    `Data      ${data.folder}` + (data.free_bytes === null ? "" : `, ${gibibytes(data.free_bytes)} free`),
    ...data.sets.map((set) =>
      `  ${set.name.padEnd(16)}${set.state}${"problem" in set ? `: ${set.problem}` : ""}`
    ),
  ];
  return lines.join("\n") + "\n";
}

function verdict({ usable, name, reason }: Probe): string {
  if (!usable) return `not usable: ${reason}`;
  return reason === "" ? `${name}: usable` : `${name}: usable, but ${reason}`;
}

function gpuLines(webgpu: Findings["webgpu"]): string[] {
  if (webgpu === null) return [];
  if ("failure" in webgpu) return [`          it did not open: ${webgpu.failure}`];
  const { warning, software, features, limits } = webgpu;
  return [
    `          adapter   ${webgpu.name} (${software ? "software" : "hardware"}, vendor ${webgpu.vendor})`,
    `          driver    ${webgpu.driver}`,
    `          loops     ${warning ?? "run to their end"}`,
    `          features  ${features.join(", ")}`,
    `          limits    ${Object.entries(limits).map(([name, limit]) => `${name} ${limit}`).join(", ")}`,
  ];
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
