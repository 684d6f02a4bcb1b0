import type { Redis } from "ioredis";
import { z } from "zod";
import { assemble } from "#datasets/assemble.ts";
import { DATASETS, loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { DataError, MOST_CLASSES, MOST_DATA_BYTES } from "#datasets/source.ts";
import type { PixelSet, Split, TrainingData } from "#train/data.ts";
import { dataRequest } from "../data/data_request.ts";
import { DATA_KEEP_S, dataKey, WANTED } from "./keys.ts";
import { cut, join, type Manifest, manifestSchema } from "./parts.ts";
import type { RunJob } from "./job.ts";

const SPLITS = ["train", "validation", "test"] as const satisfies readonly Split[];

const size = z.int().min(1).max(65_536);
const split = z.strictObject({ count: z.int().min(1), images: manifestSchema, labels: manifestSchema });
const description = z.strictObject({
  name: z.string().max(200),
  shape: z.tuple([size, size, size]),
  classes: z.array(z.string().max(200)).min(2).max(MOST_CLASSES),
  labelUnit: z.enum(["image", "pixel", "token"]),
  text: z.strictObject({
    unit: z.enum(["character", "byte"]),
    charactersPerToken: z.number(),
    entropy: z.number().nullable(),
  }).exactOptional(),
  train: split,
  validation: split,
  test: split,
});

/** Time between two looks for a data set that a session was asked for. */
const LOOK_MS = 500;

/** Puts those data sets into Redis that workers have asked for and this session has. */
export async function offerDatasets(redis: Redis, data: TrainingData): Promise<void> {
  if (await redis.zscore(WANTED, data.digest) === null) return;
  const key = dataKey(data.digest);
  if (await redis.hexists(key, "about") === 0) {
    const put = async (bytes: Uint8Array): Promise<Manifest> => {
      // Digests are not taken of shared memory, so a copy is.
      const { manifest, parts } = cut(new Uint8Array(bytes));
      for (const [digest, part] of parts) {
        await redis.hset(key, digest, Buffer.from(part));
        await redis.expire(key, DATA_KEEP_S);
      }
      return manifest;
    };
    const one = async ({ count, images, labels }: PixelSet) => ({
      count,
      images: await put(images),
      labels: await put(labels),
    });
    const { name, shape, classes, labelUnit, text, train, validation, test } = data;
    const splits = { train: await one(train), validation: await one(validation), test: await one(test) };
    const about: z.input<typeof description> = {
      name,
      shape: [...shape],
      classes: [...classes],
      labelUnit,
      ...(text && { text }),
      ...splits,
    };
    await redis.hset(key, "about", JSON.stringify(about));
    await redis.expire(key, DATA_KEEP_S);
  }
  await redis.zrem(WANTED, data.digest);
}

/** The data sets of a worker: its own copies, or those that a session sends. */
export interface WorkerDatasets {
  /**
   * The data set of a job.
   *
   * @throws {DataError} where this worker has none of this digest and no session sends one in time.
   */
  of(job: RunJob): Promise<TrainingData>;
}

/** Data sets that a worker holds at a time. */
const MOST_HELD = 2;

/** @param waitMs how long a session may take to begin sending. */
export function workerDatasets(redis: Redis, dataDir: string | null, waitMs: number): WorkerDatasets {
  const held = new Map<string, Promise<TrainingData>>();
  return {
    of: (job) => {
      const { data_digest } = job;
      const found = held.get(data_digest) ?? obtain(redis, job, { dataDir, waitMs });
      held.delete(data_digest);
      held.set(data_digest, found);
      found.catch(() => held.delete(data_digest));
      for (const digest of [...held.keys()].slice(0, -MOST_HELD)) held.delete(digest);
      return found;
    },
  };
}

async function obtain(
  redis: Redis,
  job: RunJob,
  { dataDir, waitMs }: { readonly dataDir: string | null; readonly waitMs: number },
): Promise<TrainingData> {
  const { name } = job.plan.dataset;
  const own = await ownCopy(job, dataDir);
  if (own?.digest === job.data_digest) return own;
  const sent = await sentCopy(redis, job.data_digest, waitMs);
  if (sent === null) {
    throw new DataError(
      `Cannot get the data set ${name} with digest ${job.data_digest.slice(0, 12)}: ` +
        (own === null
          ? "this worker has no copy"
          : `this worker's copy has digest ${own.digest.slice(0, 12)}`) +
        " (--data-dir names the folder), and no session sent one",
    );
  }
  if (sent.digest === job.data_digest) return sent;
  throw new DataError(
    `Cannot use the data set ${name} that was sent: its digest is ${sent.digest.slice(0, 12)}, not ` +
      job.data_digest.slice(0, 12),
  );
}

/** `null` where it is not on this machine. Files of one's own are named by no plan, so they are always sent. */
async function ownCopy({ plan: { dataset } }: RunJob, dataDir: string | null): Promise<TrainingData | null> {
  if (!Object.hasOwn(DATASETS, dataset.name) || DATASETS[dataset.name]!.source === "own") return null;
  try {
    return await loadDataset(dataRequest({ dataset }, ".", dataDir), denoFiles);
  } catch (error) {
    if (error instanceof DataError || error instanceof RangeError) return null;
    throw error;
  }
}

/** `null` where nobody sends it in time. @throws {PartError} where it is damaged. */
async function sentCopy(redis: Redis, digest: string, waitMs: number): Promise<TrainingData | null> {
  const key = dataKey(digest);
  const until = performance.now() + waitMs;
  let about = await redis.hget(key, "about");
  while (about === null) {
    await redis.zadd(WANTED, Date.now(), digest);
    if (performance.now() > until) return null;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    about = await redis.hget(key, "about");
  }
  await redis.expire(key, DATA_KEEP_S);
  const described = description.parse(JSON.parse(about));
  const { train, validation, test, ...facts } = described;
  checkBytes(described);
  const bytes = (manifest: Manifest) =>
    join(
      manifest,
      (part) => redis.hgetBuffer(key, part),
      new Uint8Array(new SharedArrayBuffer(manifest.bytes)),
    );
  const read = async (one: z.output<typeof split>): Promise<PixelSet> => {
    const set = { count: one.count, images: await bytes(one.images), labels: await bytes(one.labels) };
    const numbers = facts.labelUnit === "token" ? [set.labels, set.images] : [set.labels];
    if (numbers.some((all) => all.some((number) => number >= facts.classes.length))) {
      throw new DataError(`Cannot take the data set ${facts.name}: it has labels beyond its classes`);
    }
    return set;
  };
  return await assemble({
    ...facts,
    train: await read(train),
    validation: await read(validation),
    test: await read(test),
  });
}

/** @throws {DataError} for splits whose bytes are not those of their images, or too many. */
function checkBytes(data: z.output<typeof description>): void {
  const pixels = data.shape.reduce((product, side) => product * side, 1);
  const total = SPLITS.reduce((sum, name) => sum + data[name].images.bytes + data[name].labels.bytes, 0);
  if (total > 2 * MOST_DATA_BYTES) {
    throw new DataError(
      `Cannot take the data set ${data.name}: it has ${total} bytes; at most ${2 * MOST_DATA_BYTES}`,
    );
  }
  for (const name of SPLITS) {
    const { count, images, labels } = data[name];
    const [height, width] = data.shape;
    const isWhole = images.bytes === count * pixels && [count, count * height * width].includes(labels.bytes);
    if (!isWhole) {
      throw new DataError(`Cannot take the data set ${data.name}: its ${name} split has a wrong size`);
    }
  }
}
