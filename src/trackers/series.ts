import type { PointsRecord, StepUnit } from "./model.ts";

/** A series of a run, joined over its files. */
export interface Series {
  readonly tag: string;
  readonly unit: StepUnit;
  readonly steps: Float64Array;
  readonly wallTimes: Float64Array;
  readonly values: Float64Array;
  /** Of how many points one was kept: 1 for all. */
  readonly every: number;
  /** Points that a restart took back, or that a later point of the same step replaced. */
  readonly replaced: number;
}

/** Points of a series that are kept; of a longer one every second, every fourth …, and the last. */
export const MOST_POINTS = 2 ** 20;

/** Collects one series: points of a restart replace those of the same and later steps. */
export class SeriesCollector {
  #steps = new Float64Array(256);
  #wallTimes = new Float64Array(256);
  #values = new Float64Array(256);
  #length = 0;
  #every = 1;
  #passed = 0;
  /** The last point, where it was passed over. */
  #last: readonly [step: number, wallTime: number, value: number] | null = null;
  #replaced = 0;

  /** @param keepsOrder true to keep every point where it stands in the file, also where steps go back. */
  constructor(
    readonly tag: string,
    readonly unit: StepUnit,
    private readonly keepsOrder: boolean,
  ) {}

  add({ steps, wallTimes, values }: PointsRecord): void {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      if (!this.keepsOrder && this.#length > 0 && step <= this.#steps[this.#length - 1]!) this.cutFrom(step);
      this.#last = ++this.#passed % this.#every === 0 ? null : [step, wallTimes[i]!, values[i]!];
      if (this.#last === null) this.#put(step, wallTimes[i]!, values[i]!);
    }
  }

  /** Takes back the points from a step on. */
  cutFrom(step: number): void {
    if (this.keepsOrder) return;
    if (this.#last !== null && this.#last[0] >= step) this.#last = null;
    const before = this.#length;
    while (this.#length > 0 && this.#steps[this.#length - 1]! >= step) this.#length--;
    this.#replaced += before - this.#length;
  }

  series(): Series {
    const cut = (array: Float64Array, at: 0 | 1 | 2) => {
      if (this.#last === null) return array.slice(0, this.#length);
      const whole = new Float64Array(this.#length + 1);
      whole.set(array.subarray(0, this.#length));
      whole[this.#length] = this.#last[at];
      return whole;
    };
    return {
      tag: this.tag,
      unit: this.unit,
      steps: cut(this.#steps, 0),
      wallTimes: cut(this.#wallTimes, 1),
      values: cut(this.#values, 2),
      every: this.#every,
      replaced: this.#replaced,
    };
  }

  #put(step: number, wallTime: number, value: number): void {
    if (this.#length === MOST_POINTS) this.#halve();
    if (this.#length === this.#steps.length) {
      const larger = (array: Float64Array) => {
        const copy = new Float64Array(2 * array.length);
        copy.set(array);
        return copy;
      };
      this.#steps = larger(this.#steps);
      this.#wallTimes = larger(this.#wallTimes);
      this.#values = larger(this.#values);
    }
    this.#steps[this.#length] = step;
    this.#wallTimes[this.#length] = wallTime;
    this.#values[this.#length] = value;
    this.#length++;
  }

  #halve(): void {
    for (const array of [this.#steps, this.#wallTimes, this.#values]) {
      for (let i = 0; 2 * i + 1 < this.#length; i++) array[i] = array[2 * i + 1]!;
    }
    this.#length = Math.floor(this.#length / 2);
    this.#every *= 2;
  }
}
