import type { DataRequest, OwnKeys } from "./source.ts";

type OwnKey = keyof OwnKeys;

/** Keys that a data set takes beside the number of images. */
export interface KeysOf {
  readonly required: readonly OwnKey[];
  readonly optional: readonly OwnKey[];
  /** Values of optional keys that planning needs, where a request does not have them. */
  readonly defaults?: Pick<OwnKeys, "context">;
}

/** Every such key, of whichever data set. */
const ALL: Readonly<Record<OwnKey, true>> = {
  path: true,
  size: true,
  colour: true,
  labels: true,
  context: true,
};

/** @throws {RangeError} for a key that the data set does not have, or one that is missing. */
export function checkKeys(request: DataRequest, { required, optional }: KeysOf): void {
  const known = [...required, ...optional];
  const given = (Object.keys(ALL) as OwnKey[]).filter((key) => request[key] !== undefined);
  const unknown = given.find((key) => !known.includes(key));
  const missing = required.find((key) => !given.includes(key));
  if (unknown !== undefined) {
    const allowed = known.length === 0 ? "it has no keys of its own" : `its own keys are ${known.join(", ")}`;
    throw new RangeError(`The data set ${request.name} has no key \`${unknown}\`; ${allowed}`);
  }
  if (missing !== undefined) throw new RangeError(`The data set ${request.name} needs \`${missing}\``);
}
