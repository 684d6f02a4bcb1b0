import type { Redis } from "ioredis";
import { z } from "zod";
import { KEEP_S, type RunKeys, runKeys } from "./keys.ts";
import { cut, join, type Manifest, manifestSchema } from "./parts.ts";
import { APPEND, PUT, SEED, TAKE } from "./scripts.ts";

/** Name of the file whose older versions are removed. */
export const CHECKPOINT = "checkpoint.safetensors";

/** A checkpoint as it lies beside a run. */
const savedCheckpoint = z.strictObject({
  file: manifestSchema,
  step: z.int().min(0),
  events: z.int().min(0),
});
export type SavedCheckpoint = z.output<typeof savedCheckpoint>;

/** A run that a worker has taken. */
export interface Taken {
  readonly fence: number;
  /** Entries in its log. */
  readonly entries: number;
  /** Times that it was taken since its last checkpoint, this time included. */
  readonly starts: number;
  /** True where nothing is left to do. */
  readonly isDone: boolean;
}

/** An entry of a log, to be added. */
export interface Entry {
  readonly kind: "events" | "file" | "done";
  readonly body: string;
  /** Steps done by then. */
  readonly step: number;
  readonly checkpoint: SavedCheckpoint | null;
}

/** The state of one run in Redis. */
export interface RunState {
  readonly id: string;
  readonly keys: RunKeys;
  /** Puts a beginning beside a run that has none yet. Returns true where the run is done. */
  seed(total: number, beginning: Beginning | null): Promise<boolean>;
  take(worker: string): Promise<Taken>;
  /** Saves a file's parts below a name. Returns false where another worker has taken the run. */
  put(fence: number, name: string, bytes: Uint8Array): Promise<Manifest | null>;
  /** @returns the number of entries after it; −1 where another worker has taken the run. */
  append(fence: number, before: number, entry: Entry): Promise<number>;
  /** The file of a manifest. @throws {PartError} where it is gone or damaged. */
  file(name: string, manifest: Manifest): Promise<Uint8Array>;
  /** Checkpoints, the newest first; none where there is none that can be read. */
  checkpoints(): Promise<SavedCheckpoint[]>;
  /** The beginning that was put beside it; `null` for none. */
  start(): Promise<Manifest | null>;
  /** Counts its starts anew, for a run that is asked for again after it was given up. */
  retry(): Promise<void>;
  /** Everything about it is forgotten after this many seconds. */
  expire(seconds: number): Promise<void>;
  remove(): Promise<void>;
}

/** The state that a run begins with: its own checkpoint, or the end of what it starts from. */
export type Beginning =
  | { readonly kind: "start"; readonly bytes: Uint8Array }
  | {
    readonly kind: "checkpoint";
    readonly bytes: Uint8Array;
    readonly step: number;
    readonly events: number;
  };

export function runState(redis: Redis, id: string): RunState {
  const keys = runKeys(id);
  const all = [keys.state, keys.log, keys.parts];
  const script = (text: string, ...args: (string | number | Uint8Array)[]) =>
    redis.eval(
      text,
      all.length,
      ...all,
      ...args.map((arg) => typeof arg === "object" ? Buffer.from(arg) : arg),
    );
  const manifests = async (...fields: string[]) => {
    const values = await redis.hmget(keys.state, ...fields);
    return values.flatMap((value) => value === null ? [] : [value]);
  };
  const checkpoints = async () =>
    (await manifests("checkpoint", "previous")).map((text) => savedCheckpoint.parse(JSON.parse(text)));
  return {
    id,
    keys,
    seed: async (total, beginning) => {
      let saved: Manifest | SavedCheckpoint | null = null;
      if (beginning !== null && await redis.hexists(keys.state, "total") === 0) {
        const { manifest, parts } = cut(beginning.bytes);
        const name = beginning.kind === "start" ? "start" : CHECKPOINT;
        for (const [digest, part] of parts) {
          await redis.hset(keys.parts, `${name}/${digest}`, Buffer.from(part));
        }
        const { kind } = beginning;
        saved = kind === "start"
          ? manifest
          : { file: manifest, step: beginning.step, events: beginning.events };
      }
      return await script(
        SEED,
        KEEP_S,
        total,
        saved === null ? "" : beginning!.kind,
        saved ? JSON.stringify(saved) : "",
      ) === 1;
    },
    take: async (worker) => {
      const answer = z.tuple([z.number(), z.number(), z.number(), z.number()]).parse(
        await script(TAKE, KEEP_S, worker),
      );
      const [fence, entries, starts, done] = answer;
      return { fence, entries, starts, isDone: done === 1 };
    },
    put: async (fence, name, bytes) => {
      const { manifest, parts } = cut(bytes);
      for (const [digest, part] of parts) {
        if (await script(PUT, fence, `${name}/${digest}`, part) !== 1) return null;
      }
      return manifest;
    },
    append: async (fence, before, { kind, body, step, checkpoint }) => {
      const old = checkpoint === null ? [] : await superseded(checkpoint);
      const saved = checkpoint === null ? "" : JSON.stringify(checkpoint);
      return z.number().parse(await script(APPEND, fence, before, KEEP_S, kind, body, step, saved, ...old));
    },
    file: (name, manifest) => join(manifest, (digest) => redis.hgetBuffer(keys.parts, `${name}/${digest}`)),
    checkpoints,
    start: async () => {
      const [text] = await manifests("start");
      return text === undefined ? null : manifestSchema.parse(JSON.parse(text));
    },
    retry: async () => {
      await redis.hset(keys.state, "starts", 0);
    },
    expire: async (seconds) => {
      for (const key of all) await redis.expire(key, seconds);
    },
    remove: async () => {
      await redis.del(...all);
    },
  };

  /** Parts of the checkpoint before the last one, which a newer one makes superfluous. */
  async function superseded(next: SavedCheckpoint): Promise<string[]> {
    const [current, previous] = await checkpoints();
    const kept = new Set([...next.file.parts, ...current?.file.parts ?? []]);
    const old = previous?.file.parts ?? [];
    return old.filter((digest) => !kept.has(digest)).map((digest) => `${CHECKPOINT}/${digest}`);
  }
}
