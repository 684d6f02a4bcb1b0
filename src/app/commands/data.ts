import { Command, Option } from "@commander-js/extra-typings";
import { DATASET_NAMES, DATASETS } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { datasetFolder, inspect, type Inspection } from "#datasets/inspect.ts";
import { type InstallRequest, partPaths } from "#datasets/install.ts";
import { type Manifest, MANIFESTS, REMOTE_NAMES, type RemoteName } from "#datasets/manifest.ts";
import { DataError, DEFAULT_DATA_DIR } from "#datasets/source.ts";
import { suggest } from "#lib/nearest.ts";
import { downloadProgress } from "../terminal/download_progress.ts";
import { type CommandIo, Failure, Interrupted, UsageError } from "../io.ts";

const dataDir = () =>
  new Option("--data-dir <dir>", "folder that holds one folder per data set").default(DEFAULT_DATA_DIR);
const format = () =>
  new Option("--format <format>", "json prints data alone on stdout").choices(["text", "json"])
    .default("text" as const);

/** `data list`, `data get NAME`, `data verify NAME`. */
export function dataCommand(io: CommandIo) {
  const data = new Command("data")
    .description("Lists, gets and verifies data sets.")
    // Subcommands take these over only when they are set first.
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)");
  data.command("list").description("Shows every data set and whether it is here.")
    .addOption(dataDir()).addOption(format())
    .action((options) => plainly(() => list(options, io)));
  data.command("get").description("Downloads a data set, checks it and puts it into the data folder.")
    .argument("<name>", REMOTE_NAMES.join(" or "))
    .addOption(dataDir())
    .option("--from <file-or-url>", "another address, or the archive on disk (a folder, for several files)")
    .option("--md5 <hex>", "digest of an archive of your own (default: the official one)")
    .action((name, options) => plainly(() => get(name, options, io)));
  data.command("verify").description("Checks the files of a data set: sizes, labels, digests.")
    .argument("<name>", DATASET_NAMES.join(", "))
    .addOption(dataDir()).addOption(format())
    .action((name, options) => plainly(() => verify(name, options, io)));
  return data;
}

/** A fault of the data is reported in one line; it has no stack trace worth showing. */
async function plainly(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw error instanceof DataError ? new Failure(error.message, { cause: error }) : error;
  }
}

interface Shown {
  readonly dataDir: string;
  readonly format: "text" | "json";
}

async function list({ dataDir, format }: Shown, io: CommandIo): Promise<void> {
  const rows = [];
  for (const name of DATASET_NAMES) {
    const found = isRemote(name) ? await inspect(name, datasetFolder(name, dataDir), denoFiles) : null;
    const manifest: Manifest | null = isRemote(name) ? MANIFESTS[name] : null;
    rows.push({
      name,
      doc: DATASETS[name]!.doc,
      state: stateOf(found),
      images: found?.kind === "intact" ? count(found) : null,
      folder: found?.folder ?? null,
      problem: found?.kind === "broken" ? found.problem : null,
      page: manifest?.page ?? null,
      licence: manifest?.licence ?? null,
      citation: manifest?.citation ?? null,
      download_bytes: manifest?.files.reduce((sum, { bytes }) => sum + bytes, 0) ?? null,
    });
  }
  if (format === "json") return io.stdout(JSON.stringify(rows, null, 2) + "\n");
  for (const { name, doc, state, images, problem, download_bytes, licence } of rows) {
    const much = images === null ? "" : `, ${images} images`;
    io.stdout(`${name.padEnd(14)} ${state}${much}: ${doc}\n`);
    if (problem !== null) io.stdout(`${" ".repeat(15)}${problem}\n`);
    if (state === "missing") {
      const size = (download_bytes! / 1e6).toFixed(0);
      io.stdout(`${" ".repeat(15)}deno task data get ${name} (${size} MB; licence: ${licence})\n`);
    }
  }
}

async function verify(name: string, { dataDir, format }: Shown, io: CommandIo): Promise<void> {
  known(name, DATASET_NAMES);
  const found = isRemote(name) ? await inspect(name, datasetFolder(name, dataDir), denoFiles) : null;
  if (format === "json") io.stdout(JSON.stringify(verified(name, found), null, 2) + "\n");
  switch (found?.kind) {
    case undefined:
      if (format === "text") {
        io.stdout(`${name} is built in: it is drawn, not read, so there is nothing to verify\n`);
      }
      return;
    case "missing":
      throw new Failure(`Cannot verify ${name}: ${found.folder} is missing or empty; ${howToGet(name)}`);
    case "broken":
      throw new Failure(found.problem);
    case "intact":
      if (format === "text") io.stdout(intactText(name, found));
  }
}

function verified(name: string, found: Inspection | null) {
  const intact = found?.kind === "intact" ? found : null;
  return {
    name,
    state: stateOf(found),
    folder: found?.folder ?? null,
    problem: found?.kind === "broken" ? found.problem : null,
    digests: intact?.digests ?? null,
    files: intact?.files.map(({ name: file, images, perClass }) => ({
      name: file,
      images,
      per_class: Object.fromEntries(DATASETS[name]!.classes.map((label, index) => [label, perClass[index]])),
    })) ?? [],
  };
}

function intactText(name: string, found: Extract<Inspection, { kind: "intact" }>): string {
  const classes = DATASETS[name]!.classes;
  const widest = Math.max(...found.files.map((file) => file.name.length));
  const width = (label: string) => Math.max(label.length, 5);
  const rows = found.files.map((file) =>
    [
      file.name.padEnd(widest),
      String(file.images).padStart(6),
      ...file.perClass.map((images, label) => String(images).padStart(width(classes[label]!))),
    ].join("  ")
  );
  const head = ["file".padEnd(widest), "images", ...classes.map((label) => label.padStart(width(label)))];
  const digests = found.digests === null
    ? "no digests were noted when these files came here, so only their structure is checked"
    : "every file has the digest that was noted when it was unpacked";
  const extent = found.whole ? "the whole data set" : "a subset";
  return `${name} in ${found.folder} is intact: ${extent}; ${digests}\n${head.join("  ")}\n${
    rows.join("\n")
  }\n`;
}

interface GetOptions {
  readonly dataDir: string;
  readonly from?: string | undefined;
  readonly md5?: string | undefined;
}

async function get(name: string, options: GetOptions, io: CommandIo): Promise<void> {
  known(name, DATASET_NAMES);
  if (!isRemote(name)) throw new UsageError(`${name} is built in: there is nothing to get`);
  const request = installRequest(name, options);
  const stopped = new AbortController();
  const stop = () => stopped.abort(new Interrupted());
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  const progress = downloadProgress(io, () => performance.now());
  try {
    const { install } = await import("#datasets/install.ts");
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
    if (error instanceof Interrupted) await tellKept(request, io);
    throw error;
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, stop);
  }
}

function installRequest(name: RemoteName, { dataDir, from, md5 }: GetOptions): InstallRequest {
  if (from !== undefined && /^https?:/.test(from) && !URL.canParse(from)) {
    throw new UsageError(`Cannot use --from ${JSON.stringify(from)}: it is no address`);
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

async function tellKept(request: InstallRequest, io: CommandIo): Promise<void> {
  io.stderr("Interrupted.\n");
  for (const part of partPaths(request)) {
    const found = await denoFiles.stat(part);
    if (found) io.stderr(`${found.size} bytes are kept in ${part}; run the same command again to go on\n`);
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

function known(name: string, names: readonly string[]): void {
  if (!names.includes(name)) {
    throw new UsageError(`Unknown data set ${JSON.stringify(name)}: ${suggest(name, names)}`);
  }
}

function isRemote(name: string): name is RemoteName {
  return REMOTE_NAMES.some((remote) => remote === name);
}

function howToGet(name: string): string {
  return `get it with \`deno task data get ${name}\`, or name the folder that holds ${name}/ with --data-dir`;
}

function stateOf(found: Inspection | null): "built in" | "missing" | "broken" | "whole" | "subset" {
  if (found === null) return "built in";
  if (found.kind !== "intact") return found.kind;
  return found.whole ? "whole" : "subset";
}

function count(found: Extract<Inspection, { kind: "intact" }>): number {
  return found.files.reduce((sum, { images }) => sum + images, 0);
}
