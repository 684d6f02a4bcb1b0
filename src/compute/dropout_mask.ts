import { random } from "#lib/prng.ts";

/** What a layer drops while training: units, or weights of attention. */
export interface Dropout {
  /** The layer's. */
  readonly name: string;
  /** Probability that a unit is dropped, from 0 to below 1. */
  readonly rate: number;
}

export interface DropoutLayer extends Dropout {
  readonly kind: "dropout";
}

/**
 * A dropout mask, as the numbers that it is computed from beside layer, image and unit. No state: a step that is repeated, on any device, by any
 * number of threads, in any number of parts, drops the same units.
 */
export interface DropoutMask {
  readonly seed: number;
  /** The step's number, counted from the beginning of the first run of the lineage. */
  readonly step: number;
  /** The place in the step's batch of the first image that is at hand. */
  readonly first: number;
}

/** The first word of the key of a layer's masks; the second is the step's number. */
export function dropoutKey(seed: number, layer: string): number {
  return Math.floor(random(seed, "dropout", layer).uniform() * 2 ** 32);
}

/** A unit is dropped where its 32 random bits are below this, which has 32 bits too: one unit in 2³² is kept at least. */
export function dropoutThreshold(rate: number): number {
  return Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1);
}

/** What a kept unit is multiplied by. */
export function keptFactor(rate: number): number {
  return 1 / (1 - rate);
}

/** @throws {RangeError} for a rate that is no probability, or drops everything. */
export function checkDropoutRate({ name, rate }: Dropout): void {
  if (rate >= 0 && rate < 1) return;
  throw new RangeError(`Layer ${name} drops a share of ${rate}: expected 0 to below 1`);
}

/**
 * Inverted dropout (Srivastava et al., 2014, section 10): what each unit is multiplied by, 0 with probability `rate`, else
 * 1 / (1 − rate), so that the mean stays and inference does nothing. Unit u of the image at place i of the batch has the
 * first word of Threefry2x32 with the key (`dropoutKey`, step) and the counter (i, u).
 *
 * @returns `[images, units]`, units in the order of `[height, width, channels]`, weights of attention in that of
 * `[heads, tokens, tokens]`, the token that attends before the one that it attends to.
 */
export function dropoutFactors(
  { name, rate }: Dropout,
  { seed, step, first }: DropoutMask,
  images: number,
  units: number,
): Float64Array {
  const key = dropoutKey(seed, name);
  const threshold = dropoutThreshold(rate);
  return Float64Array.from({ length: images * units }, (_, index) => {
    const bits = threefry(key, step, first + Math.floor(index / units), index % units);
    return bits < threshold ? 0 : keptFactor(rate);
  });
}

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** The first word of Threefry2x32 with 20 rounds (Salmon et al., 2011): 32 random bits of key and counter. */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): number {
  const keys = [key0, key1, 0x1bd11bda ^ key0 ^ key1];
  let [a, b] = [(counter0 + key0) | 0, (counter1 + key1) | 0];
  for (let round = 0; round < 20; round++) {
    const by = ROTATIONS[round % 8]!;
    a = (a + b) | 0;
    b = ((b << by) | (b >>> (32 - by))) ^ a;
    if (round % 4 !== 3) continue;
    const turn = (round + 1) / 4;
    a = (a + keys[turn % 3]!) | 0;
    b = (b + keys[(turn + 1) % 3]! + turn) | 0;
  }
  return a >>> 0;
}
