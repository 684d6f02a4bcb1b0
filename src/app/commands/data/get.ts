import { DATASET_NAMES, DATASETS } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { install, type InstallRequest, partPaths } from "#datasets/install.ts";
import { MANIFESTS, type RemoteName } from "#datasets/manifest.ts";
import { type CommandIo, Interrupted, UsageError } from "../../io.ts";
import { STOP_SIGNALS } from "../../terminal/stop_on_signal.ts";
import { downloadProgress } from "../../terminal/download_progress.ts";
import { checkName, isRemote } from "./names.ts";

interface GetOptions {
  readonly dataDir: string;
  readonly from?: string | undefined;
  readonly md5?: string | undefined;
}

/**
 * `data get`: a signal stops it, and the next call continues after the bytes that came.
 *
 * @throws {UsageError} for a name or an address that is none.
 * @throws {Interrupted} where it was stopped.
 */
export async function get(name: string, options: GetOptions, io: CommandIo): Promise<void> {
  checkName(name, DATASET_NAMES);
  if (!isRemote(name)) {
    const why = DATASETS[name]!.source === "own" ? "reads files of your own" : "is built in";
    throw new UsageError(`${name} ${why}: there is nothing to get`);
  }
  const request = installRequest(name, options);
  const stopped = new AbortController();
  const stop = () => stopped.abort(new Interrupted());
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, stop);
  const progress = downloadProgress(io, () => performance.now());
  try {
    const done = await install(request, {
      progress: progress.update,
      retrying: (why, ms) => progress.say(`${why}; trying again in ${Math.round(ms / 1000)} s`),
      wait,
      signal: stopped.signal,
    });
    progress.close();
    if (done.aside !== null) io.stderr(`The broken copy that was there is now ${done.aside}\n`);
    const state = done.kind === "installed" ? "is now in" : "is already, whole and intact, in";
    io.stdout(`${name} ${state} ${done.folder}\n`);
  } catch (error) {
    progress.close();
    if (error instanceof Interrupted) await reportSaved(request, io);
    throw error;
  } finally {
    for (const signal of STOP_SIGNALS) Deno.removeSignalListener(signal, stop);
  }
}

function installRequest(name: RemoteName, { dataDir, from, md5 }: GetOptions): InstallRequest {
  if (from !== undefined && /^https?:/.test(from) && !URL.canParse(from)) {
    throw new UsageError(`Cannot use --from ${JSON.stringify(from)}: it is not a valid address`);
  }
  if (md5 !== undefined && from === undefined) {
    throw new UsageError("--md5 states the digest of an archive of your own; name the archive with --from");
  }
  if (md5 !== undefined && !/^[0-9a-f]{32}$/i.test(md5)) {
    throw new UsageError(`Cannot use --md5 ${JSON.stringify(md5)}: an md5 is 32 hexadecimal digits`);
  }
  if (md5 !== undefined && MANIFESTS[name].files.length > 1) {
    throw new UsageError(`--md5 does not fit ${name}: it has several files, each with an official digest`);
  }
  return { name, dataDir, from: from ?? null, md5: md5?.toLowerCase() ?? null };
}

async function reportSaved(request: InstallRequest, io: CommandIo): Promise<void> {
  io.stderr("Interrupted.\n");
  for (const part of partPaths(request)) {
    const found = await denoFiles.stat(part);
    if (found) {
      io.stderr(`${found.size} bytes are saved in ${part}; run the same command again to continue\n`);
    }
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
