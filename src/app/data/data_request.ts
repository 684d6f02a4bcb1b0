import { isAbsolute, join } from "node:path";
import type { DataRequest } from "#datasets/source.ts";
import type { Frozen } from "#lib/frozen.ts";
import type { Spec } from "#spec/schema.ts";
import { SPLIT_SEED } from "./split_seed.ts";

/**
 * A spec's data set as it is loaded.
 *
 * @param folder that a path of one's own is relative to: the spec's.
 */
export function dataRequest(
  { dataset }: Frozen<Pick<Spec, "dataset">>,
  folder: string,
  dataDir: string | null,
): DataRequest {
  const { path } = dataset;
  const place = path === undefined ? {} : { path: isAbsolute(path) ? path : join(folder, path) };
  return { ...dataset, ...place, seed: SPLIT_SEED, dataDir };
}
