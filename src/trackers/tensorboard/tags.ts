import { utf8 } from "#lib/utf8.ts";
import { TrackerError } from "../model.ts";
import type { SeriesBuffer } from "../output.ts";

/** Tags of one file, with those of histograms and pictures, and bytes of a name. */
const [MOST_TAGS, MOST_NAME] = [200_000, 10_000];
/** Tags of one hash: chance gives two or three. */
const MOST_OF_A_HASH = 32;

/** A tag of an event file, and what its first value said of it. */
export interface Tag {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** The plugin that its values are for, as the first of them names it; empty for none. */
  plugin: string;
  /** `undefined` until it has had a scalar. */
  series: SeriesBuffer | null | undefined;
}

/** Tags by their bytes, so that the text of one is decoded once and not with each value. */
export class Tags {
  readonly #byHash = new Map<number, Tag[]>();
  #count = 0;

  constructor(private readonly path: string) {}

  /** @throws {TrackerError} for more tags than a run has. */
  find(bytes: Uint8Array, from: number, to: number): Tag {
    let hash = 0;
    for (let i = from; i < to; i++) hash = (31 * hash + bytes[i]!) | 0;
    let same = this.#byHash.get(hash);
    if (same === undefined) this.#byHash.set(hash, same = []);
    for (const tag of same) if (isAt(tag.bytes, bytes, from, to)) return tag;
    if (++this.#count > MOST_TAGS || to - from > MOST_NAME || same.length >= MOST_OF_A_HASH) {
      throw new TrackerError(
        `Cannot read ${this.path}: it has more than ${MOST_TAGS} tags, one of more than ${MOST_NAME} bytes, or tags ` +
          "that were made to take long",
      );
    }
    const copy = bytes.slice(from, to);
    const made: Tag = { bytes: copy, name: utf8(copy), plugin: "", series: undefined };
    same.push(made);
    return made;
  }
}

function isAt(tag: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (tag.length !== to - from) return false;
  for (let i = 0; i < tag.length; i++) if (tag[i] !== bytes[from + i]) return false;
  return true;
}
