import { type Settings, type StepUnit, TrackerError, type TrackerRecord } from "./model.ts";

/** Points that are held before they are handed on. */
const HELD_POINTS = 16_384;
/** Series of one file. Trackers export some thousands; more would take memory for each. */
export const MOST_SERIES = 20_000;
/** Characters of the name of one. */
const MOST_NAME = 10_000;

/** Takes points of one series. */
export class SeriesBuffer {
  #steps = new Float64Array(16);
  #wallTimes = new Float64Array(16);
  #values = new Float64Array(16);
  #length = 0;

  constructor(
    readonly run: string | null,
    readonly tag: string,
    readonly unit: StepUnit,
    private readonly counter: { held: number },
  ) {}

  add(step: number, wallTime: number, value: number): void {
    if (this.#length === this.#steps.length) this.#grow();
    this.#steps[this.#length] = step;
    this.#wallTimes[this.#length] = wallTime;
    this.#values[this.#length] = value;
    this.#length++;
    this.counter.held++;
  }

  /** The points since the last call; `null` for none. */
  take(): TrackerRecord | null {
    if (this.#length === 0) return null;
    const { run, tag, unit } = this;
    const cut = (array: Float64Array) => array.slice(0, this.#length);
    const record = {
      kind: "points",
      run,
      tag,
      unit,
      steps: cut(this.#steps),
      wallTimes: cut(this.#wallTimes),
      values: cut(this.#values),
    } as const;
    this.#length = 0;
    return record;
  }

  #grow(): void {
    const larger = (array: Float64Array) => {
      const copy = new Float64Array(2 * array.length);
      copy.set(array);
      return copy;
    };
    this.#steps = larger(this.#steps);
    this.#wallTimes = larger(this.#wallTimes);
    this.#values = larger(this.#values);
  }
}

/** The sink of a parser's findings; {@link Output.take} hands it on in batches. */
export class Output {
  readonly #series = new Map<string, Map<string, SeriesBuffer | null>>();
  readonly #counter = { held: 0 };
  #count = 0;
  #named = 0;
  #records: TrackerRecord[] = [];

  /** @param isWanted series to keep, by tag; the others are parsed and dropped. */
  constructor(readonly path: string, private readonly isWanted: (tag: string) => boolean = () => true) {}

  /**
   * The buffer of a series; `null` for one that nobody wants.
   *
   * @throws {TrackerError} for more than {@link MOST_SERIES} series.
   */
  series(run: string | null, tag: string, unit: StepUnit): SeriesBuffer | null {
    const key = run ?? "";
    let tags = this.#series.get(key);
    if (tags === undefined) {
      this.#series.set(key, tags = new Map());
      // So that a run is known of which nobody wants a series.
      this.settings(run, {});
    }
    const found = tags.get(tag);
    if (found !== undefined) return found;
    if (tag.length > MOST_NAME) {
      throw new TrackerError(
        `Cannot read ${this.path}: a series has a name of ${tag.length} characters; at most ${MOST_NAME} are read`,
      );
    }
    const made = this.isWanted(tag) ? new SeriesBuffer(run, tag, unit, this.#counter) : null;
    tags.set(tag, made);
    if (++this.#count > MOST_SERIES) {
      throw new TrackerError(
        `Cannot read ${this.path}: it has more than ${MOST_SERIES} series; export fewer metrics or runs`,
      );
    }
    return made;
  }

  /** @throws {TrackerError} for settings of more than {@link MOST_SERIES} runs. */
  settings(run: string | null, settings: Settings, group: string | null = null): void {
    if (++this.#named > MOST_SERIES) {
      throw new TrackerError(
        `Cannot read ${this.path}: it has settings of more than ${MOST_SERIES} runs; export fewer runs`,
      );
    }
    this.#records.push({ kind: "settings", run, settings, group });
  }

  restart(run: string | null, step: number): void {
    this.#flush();
    this.#records.push({ kind: "restart", run, step });
  }

  note(text: string): void {
    this.#records.push({ kind: "note", text: `${this.path} ${text}` });
  }

  /** The records since the last call; points only once there are many, or `all` of them. */
  take(all = false): TrackerRecord[] {
    if (all || this.#counter.held >= HELD_POINTS) this.#flush();
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #flush(): void {
    for (const tags of this.#series.values()) {
      for (const series of tags.values()) {
        const record = series?.take();
        if (record) this.#records.push(record);
      }
    }
    this.#counter.held = 0;
  }
}
