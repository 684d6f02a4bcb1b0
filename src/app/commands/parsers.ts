import { InvalidArgumentError } from "@commander-js/extra-typings";
import { parseDuration } from "#lib/duration.ts";
import { parseTime, TIME_HELP } from "#lib/time.ts";
import type { PairBy } from "#study/logged_runs/pair_key.ts";

/** Parsers of option values. Each throws {@link InvalidArgumentError} with what it expected. */

/** `1,2,3`, `1-5`, or `5` for the seeds 1 to 5. */
export function parseSeeds(text: string): number[] {
  const range = /^(\d+)-(\d+)$/.exec(text);
  const seeds = /^\d+$/.test(text)
    ? counted(1, Number(text))
    : range
    ? counted(Number(range[1]), Number(range[2]) - Number(range[1]) + 1)
    : /^\d+(,\d+)+$/.test(text)
    ? text.split(",").map(Number)
    : [];
  if (
    seeds.length < 1 || seeds.length > 1000 || new Set(seeds).size !== seeds.length ||
    seeds.some((seed) => seed >= 2 ** 31)
  ) {
    throw new InvalidArgumentError(
      "Expected a list such as 1,2,3 without repeats, a range such as 1-5, or how many, such as 5.",
    );
  }
  return seeds;
}

/** `length` whole numbers from `first` on, at most 1001. */
function counted(first: number, length: number): number[] {
  return Array.from({ length: Math.max(0, Math.min(length, 1001)) }, (_, index) => first + index);
}

/** The path of a file or folder. */
export function parsePath(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Expected a path, which is not empty.");
}

/** `2/3`: the second of three parts. */
export function parseShard(text: string): { shard: number; of: number } {
  const [, shard, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  const part = { shard: Number(shard), of: Number(of) };
  if (part.shard <= part.of) return part;
  throw new InvalidArgumentError("Expected a part such as 2/3: the second of three, at most of 9999.");
}

/** Workers or threads. */
export const parseCount = wholeNumber(1, 256);

/** A port that a program may listen on; 0 for a free one. */
export function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  if (port === 0 || (port >= 1024 && port <= 65_535)) return port;
  throw new InvalidArgumentError(
    "Expected a port from 1024 to 65535, or 0 for a free one. Put other arguments before --serve.",
  );
}

/** Seconds, 0 … 86400. */
export function parseSeconds(text: string): number {
  const seconds = numberOf(text);
  if (seconds >= 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError("Expected seconds from 0 to 86400.");
}

/** Minutes above 0, at most a year. */
export function parseMinutes(text: string): number {
  const minutes = numberOf(text);
  if (minutes > 0 && minutes <= 525_600) return minutes;
  throw new InvalidArgumentError("Expected minutes above 0, such as 90.");
}

/** A time such as `60 s`, as it was written. */
export function parseRunTime(text: string): string {
  if (parseTime(text) !== null) return text;
  throw new InvalidArgumentError(`${TIME_HELP.charAt(0).toUpperCase()}${TIME_HELP.slice(1)}.`);
}

/** A whole number between two bounds, both allowed. */
export function wholeNumber(least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    const range = most === Infinity ? `, at least ${least}` : ` from ${least} to ${most}`;
    throw new InvalidArgumentError(`Expected a whole number${range}.`);
  };
}

/** A finite number. */
export function parseNumber(text: string): number {
  const value = numberOf(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number.");
}

/** A learning rate. */
export function parseRate(text: string): number {
  const value = numberOf(text);
  if (value > 0 && value < 1e30) return value;
  throw new InvalidArgumentError("Expected a rate above 0 and below 1e30, such as 1e-6.");
}

/** A bound on the gradient norm. */
export function parseClipNorm(text: string): number | "none" {
  // A word, because Commander takes null for a missing value.
  if (text === "none") return text;
  const value = numberOf(text);
  if (value > 0 && value < Infinity) return value;
  throw new InvalidArgumentError("Expected a number above 0, or none.");
}

/** Epochs, counted from 1. */
export function parseEpochs(text: string): number[] {
  const epochs = text.split(",").map(numberOf);
  if (epochs.every((epoch) => Number.isSafeInteger(epoch) && epoch >= 1)) return epochs;
  throw new InvalidArgumentError("Expected epochs, such as 30,60,80.");
}

/** Weight of the past in an average. */
export function parseSmoothing(text: string): number {
  const value = numberOf(text);
  if (value >= 0 && value <= 0.999) return value;
  throw new InvalidArgumentError("Expected a number from 0 to 0.999.");
}

/** A share of a run, from 0 to below 1: `0.1` or `10%`. */
export function parseShare(text: string): number {
  const [, percent] = /^(.*)%$/.exec(text.trim()) ?? [];
  const value = percent === undefined ? numberOf(text) : numberOf(percent) / 100;
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("Expected a share of the run, such as 0.1 or 10%.");
}

/** A length such as `3 epochs`, as it was written. */
export function parseLength(text: string): string {
  let value: number;
  try {
    value = parseDuration(text).value;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  if (value > 0) return text;
  throw new InvalidArgumentError("Expected a length above 0.");
}

/** A difference that does not matter. */
export function parseMargin(text: string): number {
  const value = numberOf(text);
  if (value >= 0 && value < Infinity) return value;
  throw new InvalidArgumentError("Expected a number of 0 or more, in the metric's own unit.");
}

/** The confidence of an interval, from 0.5 to below 1. */
export function parseConfidence(text: string): number {
  const value = numberOf(text);
  if (value >= 0.5 && value < 1) return value;
  throw new InvalidArgumentError("Expected a share from 0.5 to below 1, such as 0.95.");
}

/** The pairing of runs. */
export function parsePairBy(text: string): PairBy {
  const name = text.trim();
  if (name === "") throw new InvalidArgumentError("Expected seed, none, or the name of a hyperparameter.");
  return name === "seed" || name === "none" ? { kind: name } : { kind: "setting", name };
}

/** All values of an option that is given several times. */
export function repeated(text: string, before: readonly string[] | undefined): string[] {
  return [...before ?? [], text];
}

/** NaN for an empty text, which `Number` takes for 0. */
function numberOf(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}
