import { REMOTE_NAMES, type RemoteName } from "#datasets/manifest.ts";
import { suggest } from "#lib/nearest.ts";
import { UsageError } from "../../io.ts";

/** @throws {UsageError} for a name that is none of these, with the nearest. */
export function checkName(name: string, names: readonly string[]): void {
  if (!names.includes(name)) {
    throw new UsageError(`Unknown data set ${JSON.stringify(name)}: ${suggest(name, names)}`);
  }
}

/** True for a data set that is downloaded, false for one that is drawn. */
export function isRemote(name: string): name is RemoteName {
  return REMOTE_NAMES.some((remote) => remote === name);
}
