import { DATASET_NAMES, DATASETS } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { datasetFolder, inspect, type Inspection } from "#datasets/inspect.ts";
import { meantFolder, misplaced } from "#datasets/misplaced.ts";
import { type Manifest, MANIFESTS } from "#datasets/manifest.ts";
import { type CommandIo, Failure, UsageError } from "../../io.ts";
import { countsText } from "./counts.ts";
import { checkName, isRemote } from "./names.ts";
import { presentOwn } from "./own.ts";

interface Shown {
  readonly dataDir: string;
  readonly format: "text" | "json";
}

/** `data list`: every data set, and whether it is here. */
export async function list({ dataDir, format }: Shown, io: CommandIo): Promise<void> {
  const rows = [];
  for (const name of DATASET_NAMES) {
    const found = isRemote(name) ? await inspect(name, datasetFolder(name, dataDir), denoFiles) : null;
    const manifest: Manifest | null = isRemote(name) ? MANIFESTS[name] : null;
    rows.push({
      name,
      doc: DATASETS[name]!.doc,
      state: stateOf(name, found),
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
    io.stdout(`${name.padEnd(15)} ${state}${much}: ${doc}\n`);
    if (problem !== null) io.stdout(`${" ".repeat(16)}${problem}\n`);
    if (state === "missing") {
      const size = (download_bytes! / 1e6).toFixed(0);
      io.stdout(`${" ".repeat(16)}deno task data get ${name} (${size} MB; licence: ${licence})\n`);
    }
  }
}

/**
 * `data verify`: what its files hold.
 *
 * @throws {UsageError} for a name that is none, and for a path that is missing or that the data set does not take.
 * @throws {Failure} where it is missing or broken.
 */
export async function verify(
  name: string,
  { dataDir, format, path }: Shown & { readonly path?: string | undefined },
  io: CommandIo,
): Promise<void> {
  checkName(name, DATASET_NAMES);
  const { inspect: inspectOwn } = DATASETS[name]!;
  if (inspectOwn && path === undefined) {
    throw new UsageError(`${name} reads files of your own: add --path PATH`);
  }
  if (!inspectOwn && path !== undefined) {
    throw new UsageError(`--path does not fit ${name}: it has a place of its own`);
  }
  if (inspectOwn) return presentOwn(name, path!, await inspectOwn(path!, denoFiles), format, io);
  const found = isRemote(name) ? await inspect(name, datasetFolder(name, dataDir), denoFiles) : null;
  if (format === "json") io.stdout(JSON.stringify(verified(name, found), null, 2) + "\n");
  switch (found?.kind) {
    case undefined:
      if (format === "text") {
        io.stdout(`${name} is built in: it is drawn, not read, so there is nothing to verify\n`);
      }
      return;
    case "missing": {
      const meant = isRemote(name) ? await meantFolder(name, dataDir, denoFiles) : null;
      if (meant !== null) throw new Failure(misplaced(name, dataDir, meant).message);
      throw new Failure(`Cannot verify ${name}: ${found.folder} is missing or empty; ${howToGet(name)}`);
    }
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
    state: stateOf(name, found),
    folder: found?.folder ?? null,
    problem: found?.kind === "broken" ? found.problem : null,
    digests: intact?.digests ?? null,
    files: intact?.files.map(({ name: file, images, perClass }) => ({
      name: file,
      images,
      per_class: Object.fromEntries(intact.classes.map((label, index) => [label, perClass[index]])),
    })) ?? [],
  };
}

function intactText(name: string, found: Extract<Inspection, { kind: "intact" }>): string {
  const digests = found.digests === null
    ? "no digests were recorded for these files, so only their structure is checked"
    : "every file has the digest that was recorded when it was unpacked";
  const extent = found.whole ? "the whole data set" : "a subset";
  return `${name} in ${found.folder} is intact: ${extent}; ${digests}\n${countsText(found)}`;
}

function howToGet(name: string): string {
  return `get it with \`deno task data get ${name}\`, or name the folder that holds ${name}/ with --data-dir`;
}

function stateOf(
  name: string,
  found: Inspection | null,
): "built in" | "own files" | "missing" | "broken" | "whole" | "subset" {
  if (found === null) return DATASETS[name]!.source === "own" ? "own files" : "built in";
  if (found.kind !== "intact") return found.kind;
  return found.whole ? "whole" : "subset";
}

function count(found: Extract<Inspection, { kind: "intact" }>): number {
  return found.files.reduce((sum, { images }) => sum + images, 0);
}
