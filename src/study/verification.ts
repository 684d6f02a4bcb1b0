import type { SafeTensor } from "#lib/safetensors.ts";
import type { TrainEvent } from "#train/events.ts";

/** The events and files of a run. */
export interface Trained {
  readonly events: readonly TrainEvent[];
  /** By name of the file. */
  readonly files: ReadonlyMap<string, TrainedFile>;
}

export interface TrainedFile {
  readonly tensors: Readonly<Record<string, SafeTensor>>;
  /** The rest of the state that decides how a run continues, as text: that of a schedule that watches evaluations. */
  readonly about: string;
}

/** Two runs compared bit for bit. */
export interface Exactness {
  /** Steps of which loss, rate and momentum were compared. */
  readonly steps: number;
  readonly evaluations: number;
  readonly tensors: number;
  /** Numbers in these tensors. */
  readonly values: number;
  /** The first thing that is not the same; `null` where all is. */
  readonly difference: string | null;
}

/** Compares a run that was broken off with one that was not: every event but wall time, every bit of every tensor. */
export function compareRuns(whole: Trained, broken: Trained): Exactness {
  const tensors = [...whole.files.values()].flatMap(({ tensors }) => Object.values(tensors));
  const count = (kind: TrainEvent["kind"]) => whole.events.filter((event) => event.kind === kind).length;
  return {
    steps: count("step"),
    evaluations: count("eval"),
    tensors: tensors.length,
    values: tensors.reduce((sum, { data }) => sum + data.length, 0),
    difference: differenceOfEvents(whole.events, broken.events) ??
      differenceOfFiles(whole.files, broken.files),
  };
}

function differenceOfEvents(whole: readonly TrainEvent[], broken: readonly TrainEvent[]): string | null {
  for (let index = 0; index < Math.max(whole.length, broken.length); index++) {
    const [one, other] = [whole[index], broken[index]].map((event) => event && timeless(event));
    if (one === other) continue;
    const place = whole[index] ?? broken[index]!;
    return `${place.kind} of step ${place.step}: ${one ?? "nothing"} and ${other ?? "nothing"}`;
  }
  return null;
}

/** An event as text; NaN and infinities, which JSON has no word for, by name. */
function timeless(event: TrainEvent): string {
  return JSON.stringify(
    event.kind === "ended" ? { ...event, ms_per_step: null } : event,
    (_key, value) => typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

function differenceOfFiles(whole: Trained["files"], broken: Trained["files"]): string | null {
  for (const name of new Set([...whole.keys(), ...broken.keys()])) {
    const [one, other] = [whole.get(name), broken.get(name)];
    if (!one || !other) return `${name}: only the run that was ${one ? "not " : ""}broken off left it`;
    for (const tensor of new Set([...Object.keys(one.tensors), ...Object.keys(other.tensors)])) {
      const difference = differenceOfTensors(one.tensors[tensor], other.tensors[tensor]);
      if (difference !== null) return `${name}, ${tensor}: ${difference}`;
    }
    if (one.about !== other.about) return `${name}: ${one.about} and ${other.about}`;
  }
  return null;
}

function differenceOfTensors(one: SafeTensor | undefined, other: SafeTensor | undefined): string | null {
  if (!one || !other) return `only the run that was ${one ? "not " : ""}broken off has it`;
  if (String(one.shape) !== String(other.shape)) return `shape [${one.shape}] and [${other.shape}]`;
  const [a, b] = [one, other].map(({ data: { buffer, byteOffset, byteLength } }) =>
    new Uint8Array(buffer, byteOffset, byteLength)
  ) as [Uint8Array, Uint8Array];
  const at = a.length === b.length ? a.findIndex((byte, index) => byte !== b[index]) : 0;
  if (at < 0) return null;
  const index = Math.floor(at / one.data.BYTES_PER_ELEMENT);
  return `value ${index} is ${shown(one.data[index])} and ${shown(other.data[index])}`;
}

const shown = (value: number | undefined) => Object.is(value, -0) ? "-0" : String(value);
