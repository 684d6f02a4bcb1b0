import type { SafeTensor } from "#lib/safetensors.ts";
import { isObject } from "#lib/json.ts";
import { CheckpointError } from "./checkpoint_error.ts";

/** The version of the checkpoints that are written. */
export const VERSION = 2;

type Header = Readonly<Record<string, unknown>>;
type Tensors = Readonly<Record<string, SafeTensor>>;

/** Prefixes of tensors' names in version 1, and in version 2. */
const RENAMED: readonly (readonly [before: string, after: string])[] = [
  ["shelf/", "retained/"],
  ["optimizer/updates", "optimizer/steps"],
];

/**
 * A checkpoint's header and tensors as {@link VERSION} names them. Version 1 kept weights under `shelf/`, the counts of
 * steps as `optimizer/updates`, and the trainer state as `progress: { memory, shelf }`. Values are never changed.
 *
 * @param header not trusted: only the version, and what version 1 has in other places, is looked at.
 * @throws {CheckpointError} for a version that is neither.
 */
export function upgradeCheckpoint(header: unknown, tensors: Tensors): { header: Header; tensors: Tensors } {
  const own = recordOf(header);
  switch (own.version) {
    case VERSION:
      return { header: own, tensors };
    case 1:
      return { header: upgradeHeader(own), tensors: upgradeTensors(tensors) };
    default:
      throw new CheckpointError(
        `The checkpoint is of version ${
          JSON.stringify(own.version)
        }; this lab reads versions 1 and ${VERSION}`,
      );
  }
}

function upgradeHeader({ progress, ...rest }: Header): Header {
  const { memory, shelf } = recordOf(progress);
  return { ...rest, version: VERSION, trainer_state: { ...recordOf(memory), retained: shelf } };
}

function upgradeTensors(tensors: Tensors): Tensors {
  const renamed = (name: string) => {
    const [before, after] = RENAMED.find(([prefix]) => name.startsWith(prefix)) ?? ["", ""];
    return after + name.slice(before.length);
  };
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [renamed(name), tensor]));
}

function recordOf(value: unknown): Header {
  return isObject(value) ? value : {};
}
