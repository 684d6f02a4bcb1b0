import { join } from "node:path";
import { CIFAR10_FOLDER, TEST_FILE } from "./cifar10.ts";
import { CIFAR100_FILES, CIFAR100_FOLDER } from "./cifar100.ts";
import { findIdx } from "./idx.ts";
import type { RemoteName } from "./manifest.ts";
import { DataError, type DataFiles } from "./source.ts";

/** A file that identifies the data set, with its folders below `--data-dir`. */
const SIGNS: Readonly<Record<RemoteName, { readonly folders: readonly string[]; readonly file: string }>> = {
  "cifar-10": { folders: ["cifar-10", CIFAR10_FOLDER], file: TEST_FILE },
  "cifar-100": { folders: ["cifar-100", CIFAR100_FOLDER], file: CIFAR100_FILES.test },
  "fashion-mnist": { folders: ["fashion-mnist"], file: "train-images-idx3-ubyte" },
};

/**
 * The folder that `--data-dir` should have named, where it names one that lies too deep; `null` elsewhere.
 * `data/fashion-mnist` holds the files themselves: `data` is what was meant.
 */
export async function meantFolder(
  name: RemoteName,
  dataDir: string,
  files: DataFiles,
): Promise<string | null> {
  const { folders, file } = SIGNS[name];
  for (let depth = 1; depth <= folders.length; depth++) {
    const inside = [dataDir, ...folders.slice(depth)].join("/");
    if ((await findIdx(inside, file, files)) !== null) {
      return join(dataDir, ...Array<string>(depth).fill(".."));
    }
  }
  return null;
}

/** @param meant the folder that {@link meantFolder} found. */
export function misplaced(name: string, dataDir: string, meant: string): DataError {
  return new DataError(
    `Cannot find ${name} below ${dataDir}: that folder lies too deep. Name the one that holds ${name}/: --data-dir ${meant}`,
  );
}
