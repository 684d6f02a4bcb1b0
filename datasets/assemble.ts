import type { PixelSet, TrainingData } from "#train/data.ts";
import { DataError } from "./source.ts";

/** The finished splits of a data set, before statistics. */
export type Splits = Pick<
  TrainingData,
  "name" | "shape" | "classes" | "labelUnit" | "text" | "train" | "validation" | "test"
>;

/** Statistics by which normalisation leaves tokens as they are: 17 becomes 17.0, in 32 bits exactly. */
const AS_THEY_ARE = { mean: [0], std: [1 / 255] } as const;

/**
 * Completes a data set with the training split's own statistics and the digest of everything.
 *
 * @throws {DataError} where a channel of the training split has one value only: it cannot be normalised.
 */
export async function assemble(splits: Splits): Promise<TrainingData> {
  if (splits.labelUnit === "token") return { ...splits, ...AS_THEY_ARE, digest: await digest(splits) };
  const { mean, std } = statistics(splits.train, splits.shape[2]);
  const flat = std.findIndex((value) => value === 0);
  if (flat >= 0) {
    throw new DataError(
      `Cannot normalise ${splits.name}: channel ${flat} is the same in every pixel of the ${splits.train.count} ` +
        `training images`,
    );
  }
  return { ...splits, mean, std, digest: await digest(splits) };
}

/** Mean and standard deviation (over all pixels, not a sample's) of each channel, of pixels scaled to 0 … 1. */
export function statistics(set: PixelSet, channels: number): { mean: number[]; std: number[] } {
  // Whole-number sums are exact below 2⁵³: 255² × 10⁹ pixels, so the order of summing cannot matter.
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let at = 0; at < set.images.length; at += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const value = set.images[at + channel]!;
      sums[channel]! += value;
      squares[channel]! += value * value;
    }
  }
  const pixels = set.images.length / channels;
  const mean = Array.from(sums, (sum) => sum / pixels / 255);
  const std = Array.from(squares, (square, channel) => {
    const average = sums[channel]! / pixels;
    return Math.sqrt(Math.max(0, square / pixels - average * average)) / 255;
  });
  return { mean, std };
}

/**
 * SHA-256, in hex, over a line of JSON `{"shape", "classes", "splits"}` and, for train, validation and test in this
 * order, labels and then pixels, each replaced by its own SHA-256.
 */
async function digest({ shape, classes, train, validation, test }: Splits): Promise<string> {
  const sets = [train, validation, test];
  const head = JSON.stringify({ shape, classes: classes.length, splits: sets.map((set) => set.count) });
  const parts = [new TextEncoder().encode(head)];
  for (const set of sets) parts.push(await sha256(set.labels), await sha256(set.images));
  return hex(await sha256(Uint8Array.from(parts.flatMap((part) => [...part]))));
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  // Web Crypto refuses shared memory, so it gets a copy.
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
