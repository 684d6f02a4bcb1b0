import { parse } from "yaml";
import type { Spec } from "../schema.ts";

/** One path of a spec and the values that a sweep tries there. */
export type SweepAxis =
  | { readonly kind: "list"; readonly path: string; readonly values: readonly unknown[] }
  | {
    readonly kind: "range";
    readonly path: string;
    readonly scale: "linear" | "log";
    readonly from: number;
    readonly to: number;
    /** Values that a grid takes, both ends among them; `null` where only random draws can use the range. */
    readonly points: number | null;
  };

export const AXIS_HELP =
  "write PATH=VALUE,VALUE,…, or PATH=log:FROM..TO or PATH=linear:FROM..TO, with /POINTS for a grid; " +
  "such as arms[0].schedule.lr=0.01,0.03,0.1 or optimizer.weight_decay=log:1e-5..1e-2/4";

const MOST_VALUES = 1000;
const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
const RANGE = new RegExp(String.raw`^(log|linear):(${NUMBER})\.\.(${NUMBER})(?:/(\d+))?$`, "i");

/**
 * Reads `arms[0].schedule.lr=0.01,0.03` (values in YAML's flow style: numbers, words, `[50%]`, `{ name: adam }`) or
 * `optimizer.weight_decay=log:1e-5..1e-2/4`. `checkPath` says whether the path exists.
 *
 * @throws {SyntaxError} for a text without a path, values that cannot be read, fewer than two, or one twice.
 * @throws {RangeError} for a range that does not rise, or a log range that does not lie above 0.
 */
export function readAxis(text: string): SweepAxis {
  const at = text.indexOf("=");
  const path = text.slice(0, Math.max(0, at)).trim();
  const values = text.slice(at + 1).trim();
  if (path === "" || values === "") {
    throw new SyntaxError(`Cannot sweep over ${JSON.stringify(text)}: ${AXIS_HELP}`);
  }
  if (/^(log|linear):/i.test(values)) return readRange(path, values);
  return listAxis(path, readValues(path, values));
}

/** The axes of a spec's own `sweep:`, in its order; none without one. */
export function specAxes(spec: Pick<Spec, "sweep">): SweepAxis[] {
  return Object.entries(spec.sweep?.over ?? {}).map(([path, values]) => listAxis(path, values));
}

/** Name of an axis in sentences and charts: the last part of its path, the whole path where two axes would share it. */
export function axisLabel(path: string, axes: readonly Pick<SweepAxis, "path">[]): string {
  const last = (text: string) => text.split(".").at(-1)!;
  return axes.filter((other) => last(other.path) === last(path)).length > 1 ? path : last(path);
}

/** @throws {SyntaxError} for fewer than two values, or one twice. */
export function listAxis(path: string, values: readonly unknown[]): SweepAxis {
  const texts = values.map((value) => JSON.stringify(value));
  const twice = texts.find((value, index) => texts.indexOf(value) !== index);
  if (twice !== undefined) throw new SyntaxError(`Cannot sweep over ${path}: ${twice} is there twice`);
  if (values.length < 2 || values.length > MOST_VALUES) {
    throw new SyntaxError(
      `Cannot sweep over ${path}: it has ${values.length} values; an axis has 2 to ${MOST_VALUES}`,
    );
  }
  return { kind: "list", path, values };
}

/** The values that a grid tries. A log range is divided evenly in the logarithm; values are kept to 3 digits. */
export function gridValues(axis: SweepAxis): readonly unknown[] {
  if (axis.kind === "list") return axis.values;
  const { path, points } = axis;
  if (points === null) {
    throw new SyntaxError(
      `Cannot make a grid over ${path}: say how many values to take from the range, such as ${
        rangeText(axis)
      }/4, ` +
        "or draw from it with --method random --samples N",
    );
  }
  return Array.from({ length: points }, (_, index) => valueAt(axis, index / (points - 1)));
}

/** The value at a share of the axis: 0 its beginning, 1 its end. */
export function valueAt(axis: SweepAxis, share: number): unknown {
  if (axis.kind === "list") {
    return axis.values[Math.min(axis.values.length - 1, Math.floor(share * axis.values.length))];
  }
  const { scale, from, to } = axis;
  const value = scale === "log" ? from * (to / from) ** share : from + (to - from) * share;
  // Three digits are read and typed; the ends are kept as they were given.
  return share <= 0 ? from : share >= 1 ? to : Math.min(to, Math.max(from, Number(value.toPrecision(3))));
}

function readRange(path: string, text: string): SweepAxis {
  const match = RANGE.exec(text);
  const [from, to] = [Number(match?.[2]), Number(match?.[3])];
  if (!match || !Number.isFinite(from) || !Number.isFinite(to)) {
    throw new SyntaxError(`Cannot read the range ${JSON.stringify(text)} of ${path}: ${AXIS_HELP}`);
  }
  const scale = match[1]!.toLowerCase() as "linear" | "log";
  if (from >= to || (scale === "log" && from <= 0)) {
    throw new RangeError(
      `Cannot sweep over ${path}: a range rises${scale === "log" ? ", and a log range lies above 0" : ""}; ` +
        `it is ${text}`,
    );
  }
  const points = match[4] === undefined ? null : Number(match[4]);
  if (points !== null && (points < 2 || points > MOST_VALUES)) {
    throw new RangeError(`Cannot sweep over ${path}: a range has 2 to ${MOST_VALUES} points; it is ${text}`);
  }
  return { kind: "range", path, scale, from, to, points };
}

function readValues(path: string, text: string): unknown[] {
  try {
    return parse(`[${text}]`, { maxAliasCount: 0, uniqueKeys: true }) as unknown[];
  } catch (error) {
    throw new SyntaxError(
      `Cannot read the values of ${path}: ${(error as Error).message.split("\n")[0]}; ${AXIS_HELP}`,
    );
  }
}

const rangeText = (axis: Extract<SweepAxis, { kind: "range" }>) => `${axis.scale}:${axis.from}..${axis.to}`;
