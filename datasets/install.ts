import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { CIFAR10_FOLDER, META_FILE, TEST_FILE, TRAIN_FILES } from "./cifar10.ts";
import { CIFAR100_FILES, CIFAR100_FOLDER, CIFAR100_LABELS, MOST_CIFAR100_BYTES } from "./cifar100.ts";
import { download, type DownloadTools } from "./download.ts";
import { denoFiles, reason } from "./files.ts";
import { datasetFolder, DIGESTS_FILE, inspect, MOST_REMOTE_BYTES, sha256 } from "./inspect.ts";
import { type Manifest, MANIFESTS, type RemoteFile, type RemoteName } from "./manifest.ts";
import { DataError } from "./source.ts";
import { type Expected, unpack } from "./unpack.ts";

export interface InstallRequest {
  readonly name: RemoteName;
  readonly dataDir: string;
  /** Another address, or a file on disk (a folder, for a data set of several files); `null` is the official one. */
  readonly from: string | null;
  /** Digest of an archive of one's own; `null` is the official one. */
  readonly md5: string | null;
}

export interface Installed {
  readonly kind: "installed" | "already there";
  readonly folder: string;
  /** New place of a broken copy that was in the way; `null` where there was none. */
  readonly aside: string | null;
}

/** By data set, the files of its official archive and the largest size of each in bytes; `null` for plain files. */
const ARCHIVES: Readonly<Record<RemoteName, Expected | null>> = {
  "cifar-10": {
    folder: CIFAR10_FOLDER,
    mostBytes: {
      ...Object.fromEntries([...TRAIN_FILES, TEST_FILE].map((name) => [name, 30_730_000])),
      [META_FILE]: 4096,
      "readme.html": 4096,
    },
  },
  "cifar-100": {
    folder: CIFAR100_FOLDER,
    mostBytes: {
      [CIFAR100_FILES.train]: MOST_CIFAR100_BYTES,
      [CIFAR100_FILES.test]: MOST_CIFAR100_BYTES / 5,
      ...Object.fromEntries(Object.values(CIFAR100_LABELS).map(({ file }) => [file, 4096])),
    },
  },
  "fashion-mnist": null,
};

/**
 * Gets a data set: fetch, check size and digest, unpack beside its place, check every record, move into place.
 *
 * An intact copy is never touched; a broken one is moved aside. After a failure the data folder is as it was, but
 * for the bytes of a download that can be resumed.
 *
 * @throws {DataError} for whatever went wrong.
 */
export async function install(request: InstallRequest, tools: DownloadTools): Promise<Installed> {
  const { name } = request;
  const manifest: Manifest = MANIFESTS[name];
  const folder = datasetFolder(name, request.dataDir);
  const found = await inspect(name, folder, denoFiles);
  if (found.kind === "intact") {
    if (found.whole && request.from === null) return { kind: "already there", folder, aside: null };
    throw new DataError(
      `Cannot put ${name} into ${folder}: an intact ${
        found.whole ? "copy" : "subset"
      } is there already, and it ` +
        "is not overwritten. Move it away or name another folder with --data-dir",
    );
  }
  // The name ends in .tmp and is new, so two installations at once cannot meet.
  const temporary = `${folder}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  const parent = dirname(folder);
  const parentIsNew = (await denoFiles.stat(parent)) === null;
  const parts: string[] = [];
  try {
    await Deno.mkdir(temporary, { recursive: true });
    for (const file of manifest.files) {
      const fetched = await obtain(file, manifest, request, tools);
      if (fetched.temporary) parts.push(fetched.path);
      await place(name, fetched.path, file, temporary, tools.signal);
    }
    await approve(name, temporary, request);
    const aside = found.kind === "broken" ? await moveAside(folder) : null;
    await Deno.rename(temporary, folder);
    for (const part of parts) await Deno.remove(part);
    return { kind: "installed", folder, aside };
  } catch (error) {
    throw isFileError(error) ? new DataError(`Cannot put ${name} into ${folder}: ${reason(error)}`) : error;
  } finally {
    await Deno.remove(temporary, { recursive: true }).catch(() => {});
    // Goes only where it is empty, that is after a failure that left no download to resume.
    if (parentIsNew) await Deno.remove(parent).catch(() => {});
  }
}

/** The files that hold the bytes of interrupted downloads. */
export function partPaths({ name, dataDir, md5 }: InstallRequest): string[] {
  const { files }: Manifest = MANIFESTS[name];
  return files.map((file) => partPath(file, files.length > 1 ? file.md5 : (md5 ?? file.md5), dataDir));
}

/** The digest is in the name, so bytes of one archive are never continued with those of another. */
function partPath(file: RemoteFile, md5: string, dataDir: string): string {
  return `${dataDir}/${file.name}.${md5.slice(0, 8)}.part`;
}

interface Fetched {
  readonly path: string;
  /** True for a download of ours, which is removed when done. */
  readonly temporary: boolean;
}

/** The file on disk, with its digest checked. */
async function obtain(
  file: RemoteFile,
  { base, files }: Manifest,
  { from, md5, dataDir }: InstallRequest,
  tools: DownloadTools,
): Promise<Fetched> {
  const several = files.length > 1;
  const expected = several ? file.md5 : (md5 ?? file.md5);
  const official = expected === file.md5;
  const place = from === null ? base + file.name : several ? `${from.replace(/\/$/, "")}/${file.name}` : from;
  if (!/^https?:\/\//.test(place)) {
    await checkLocal(place, file);
    await checkMd5(place, expected, "it is left as it is", tools.signal);
    return { path: place, temporary: false };
  }
  const part = partPath(file, expected, dataDir);
  await download({ url: place, part, bytes: official ? file.bytes : null, mostBytes: file.bytes }, tools);
  try {
    await checkMd5(
      part,
      expected,
      "what came was removed; run the command again to fetch it anew",
      tools.signal,
    );
  } catch (error) {
    await Deno.remove(part);
    throw error;
  }
  return { path: part, temporary: true };
}

async function checkLocal(path: string, { bytes }: RemoteFile): Promise<void> {
  const found = await denoFiles.stat(path);
  if (found === null) throw new DataError(`Cannot read ${path}: there is no such file`);
  if (!found.isFile) throw new DataError(`Cannot read ${path}: it is not a file`);
  if (found.size > bytes) {
    throw new DataError(`Cannot use ${path}: it has ${found.size} bytes; at most ${bytes} are allowed`);
  }
}

async function checkMd5(path: string, expected: string, then: string, signal: AbortSignal): Promise<void> {
  const hash = createHash("md5");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  const seen = hash.digest("hex");
  if (seen !== expected) {
    throw new DataError(
      `Cannot use ${path}: its md5 is ${seen}, expected ${expected}; ${then}. An archive of your own needs ` +
        "its digest stated with --md5",
    );
  }
}

/** Puts the content of a fetched file into the new folder. */
async function place(
  name: RemoteName,
  path: string,
  file: RemoteFile,
  into: string,
  signal: AbortSignal,
): Promise<void> {
  const expected = ARCHIVES[name];
  if (expected !== null) {
    using archive = await Deno.open(path);
    await unpack(archive.readable, into, expected, signal);
  } else await Deno.copyFile(path, `${into}/${file.name}`);
}

/** Checks every record as a loader would, then notes the digests of the files. */
async function approve(name: RemoteName, folder: string, { md5 }: InstallRequest): Promise<void> {
  const names = await denoFiles.list(folder);
  const found = await inspect(name, folder, denoFiles);
  if (found.kind !== "intact") {
    const problem = found.kind === "broken" ? found.problem : "it is empty";
    // The folder that was unpacked into is gone when this is read.
    const reason = problem.replaceAll(folder, ARCHIVES[name]?.folder ?? name);
    throw new DataError(`Refused the archive: ${reason}. Nothing of it was saved`);
  }
  const lines = [`# ${name}${md5 === null ? "" : `, from an archive with md5 ${md5}`}`];
  for (const file of names) {
    lines.push(`${sha256(await denoFiles.read(`${folder}/${file}`, MOST_REMOTE_BYTES))}  ${file}`);
  }
  await Deno.writeTextFile(`${folder}/${DIGESTS_FILE}`, lines.join("\n") + "\n");
}

/** Renames what is in the way to the first free name. */
async function moveAside(folder: string): Promise<string> {
  for (let number = 1;; number++) {
    const aside = `${folder}.broken-${number}`;
    if ((await denoFiles.stat(aside)) !== null) continue;
    await Deno.rename(folder, aside);
    return aside;
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && !(error instanceof DataError) && "code" in error;
}
