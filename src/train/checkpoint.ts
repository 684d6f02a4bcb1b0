import { parseExact, stringifyExact } from "#lib/json.ts";
import { readSafetensors, type SafeTensor, SafetensorsError, writeSafetensors } from "#lib/safetensors.ts";
import { sha256 } from "#lib/sha256.ts";
import { CheckpointError } from "./checkpoint_error.ts";
import { upgradeCheckpoint, VERSION } from "./checkpoint_versions.ts";
import type { HostTensor, LearnerState } from "./learner.ts";

export { CheckpointError };

/** The content of a checkpoint file: everything that a run needs to continue as if it had never stopped. */
export interface Checkpoint {
  readonly version: typeof VERSION;
  /** SHA-256 (hex) of the key of the run's plan. */
  readonly key: string;
  /** Device in words; another one would round differently. */
  readonly device: string;
  /** Digest of the training data. */
  readonly data_digest: string;
  /** Name of the model. */
  readonly model: string;
  /** Steps applied. */
  readonly step: number;
  /** Events logged before it: the lines of `events.jsonl` that belong to it. */
  readonly events: number;
  readonly state: LearnerState;
  /** State of a schedule that depends on what was measured, as plain data; else `null`. */
  readonly feedback: unknown;
  /** Bookkeeping of the training loop, as plain data. */
  readonly trainer_state: unknown;
}

/** Key of the checkpoint's data without its tensors, in the file's metadata. */
const ABOUT = "lr_lab";
/** Name of the last tensor: the SHA-256 of all bytes before its own. */
const DIGEST = "lr_lab/sha256";
const DIGEST_BYTES = 32;

/**
 * A checkpoint as a safetensors file: the state's tensors under their names, everything else as JSON in the metadata
 * (`lr_lab`), and at the very end the digest of all before it (`lr_lab/sha256`), so that a flipped bit anywhere shows.
 *
 * @throws {TypeError} for feedback or a trainer state that is not plain data.
 */
export async function writeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { state, ...about } = checkpoint;
  const digest: SafeTensor = { shape: [DIGEST_BYTES], data: new Uint8Array(DIGEST_BYTES) };
  // Bytes come after floats, so the digest lies last.
  const bytes = writeSafetensors({ ...state, [DIGEST]: digest }, { [ABOUT]: stringifyExact(about) });
  const end = bytes.length - DIGEST_BYTES;
  bytes.set(await sha256(bytes.subarray(0, end)), end);
  return bytes;
}

/**
 * The checkpoint of a file that is not trusted.
 *
 * One that an older version of the lab wrote is upgraded.
 *
 * @throws {CheckpointError} for a file that is damaged or truncated, none of the lab, or of a newer version.
 */
export async function readCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  const { tensors, metadata } = readTensors(bytes);
  const { [DIGEST]: digest, ...state } = tensors;
  const about = metadata[ABOUT];
  if (!digest && about === undefined) {
    throw new CheckpointError("The file is no checkpoint of the lab, though it holds tensors");
  }
  const end = bytes.length - DIGEST_BYTES;
  if (
    !digest || about === undefined ||
    !(await sha256(bytes.subarray(0, end))).every((byte, i) => byte === bytes[end + i])
  ) {
    throw new CheckpointError("The checkpoint is damaged: its bytes do not agree with their digest");
  }
  const { header, tensors: current } = upgradeCheckpoint(parseHeader(about), state);
  return { ...checkHeader(header), state: checkState(current) };
}

/**
 * Refuses a checkpoint that belongs elsewhere. What is left out of `expected` may be anything.
 *
 * @throws {CheckpointError} that names everything that differs.
 */
export function checkCheckpoint(
  checkpoint: Checkpoint,
  expected: Partial<Pick<Checkpoint, "key" | "model" | "data_digest" | "device">>,
): void {
  const { key, model, data_digest: data, device } = expected;
  const differences: string[] = [];
  if (model !== undefined && model !== checkpoint.model) {
    differences.push(`it is of model ${checkpoint.model}, not ${model}`);
  }
  if (key !== undefined && key !== checkpoint.key) {
    differences.push("its run is another one (the spec, the seed or the length differs)");
  }
  if (data !== undefined && data !== checkpoint.data_digest) {
    differences.push(`it was trained on other data (digest ${checkpoint.data_digest}, not ${data})`);
  }
  if (device !== undefined && device !== checkpoint.device) {
    differences.push(`it was written on ${checkpoint.device}, not on ${device}`);
  }
  if (differences.length > 0) {
    throw new CheckpointError(`The checkpoint does not belong here: ${differences.join("; ")}`);
  }
}

function readTensors(bytes: Uint8Array): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    throw new CheckpointError(`The checkpoint is damaged or none at all. ${error.message}`);
  }
}

function parseHeader(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    throw new CheckpointError(`The checkpoint's ${ABOUT} is not JSON`);
  }
}

function checkHeader(header: Readonly<Record<string, unknown>>): Omit<Checkpoint, "state"> {
  const { key, device, data_digest, model, step, events, feedback, trainer_state } = header;
  return {
    version: VERSION,
    key: asText("key", key),
    device: asText("device", device),
    data_digest: asText("data_digest", data_digest),
    model: asText("model", model),
    step: asCount("step", step),
    events: asCount("events", events),
    feedback: feedback ?? null,
    trainer_state: trainer_state ?? null,
  };
}

function asText(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new CheckpointError(`The checkpoint's ${name} is ${JSON.stringify(value)}: expected a text`);
}

function asCount(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new CheckpointError(
    `The checkpoint's ${name} is ${JSON.stringify(value)}: expected a whole number ≥ 0`,
  );
}

function checkState(tensors: Readonly<Record<string, SafeTensor>>): LearnerState {
  for (const [name, { data }] of Object.entries(tensors)) {
    if (!(data instanceof Float32Array)) {
      throw new CheckpointError(`The checkpoint's ${name} is no tensor of 32-bit floats`);
    }
  }
  return tensors as Record<string, HostTensor>;
}
