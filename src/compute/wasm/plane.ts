/** Layout of the images of a batch in memory. Channels are contiguous; strides are in bytes. */
export interface Plane {
  /** Address of the first float of the first image. */
  readonly at: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** From a pixel to the next. Pixels that do not touch leave zeros between them; 0 repeats one pixel. */
  readonly pixel: number;
  readonly row: number;
  readonly image: number;
}

/** Zeros around an image, in pixels. */
export interface Margins {
  readonly top: number;
  readonly left: number;
  /** Rows and columns in all, margins included. */
  readonly rows: number;
  readonly columns: number;
}

/** A plane's place and strides, as most kernels take them. */
export function strides(plane: Plane): [pixel: number, row: number, image: number] {
  return [plane.pixel, plane.row, plane.image];
}

/** `count` of a plane's channels, from channel `first` on: the same memory. */
export function channelsOf(plane: Plane, first: number, count: number): Plane {
  return { ...plane, at: plane.at + first * 4, channels: count };
}

/**
 * Planes of one shape as images of a single pixel, where the floats of every image lie side by side in each of them, for
 * kernels that take each float by itself: one long run in place of many short ones. Else as they are.
 */
export function asRuns(planes: readonly Plane[]): readonly Plane[] {
  if (!planes.every(isDense)) return planes;
  return planes.map(({ at, height, width, channels, image }) => {
    const floats = height * width * channels;
    return { at, height: 1, width: 1, channels: floats, pixel: floats * 4, row: floats * 4, image };
  });
}

/** Images one pixel wide as images of one row, for kernels whose inner loop runs along a row; others as they are. */
export function asLines(planes: readonly Plane[]): readonly Plane[] {
  if (planes.some(({ width }) => width !== 1)) return planes;
  return planes.map((plane) => ({ ...plane, height: 1, width: plane.height, pixel: plane.row }));
}

/** The pixels of a batch as one column, `null` where something lies between them. */
export function asColumn(plane: Plane, batch: number): Plane | null {
  const { height, width, pixel, row, image } = plane;
  if (!isDense(plane) || image !== height * row) return null;
  const pixels = batch * height * width;
  return { ...plane, height: pixels, width: 1, row: pixel, image: pixels * pixel };
}

/** True where nothing lies between the pixels of an image. */
export function isDense({ width, channels, pixel, row }: Plane): boolean {
  return pixel === channels * 4 && row === width * pixel;
}

/** Bytes of a batch of planes, margins included. */
export function planeBytes(
  batch: number,
  [height, width, channels]: readonly [number, number, number],
  { rows, columns }: Pick<Margins, "rows" | "columns"> = { rows: height, columns: width },
): number {
  return batch * rows * columns * channels * 4;
}

/**
 * A dense plane, or one inside margins, whose buffer starts at `start`. A `step` above 1 leaves room between pixels
 * (`[down, right]`), for zeros.
 */
export function planeAt(
  start: number,
  [height, width, channels]: readonly [number, number, number],
  margins: Margins = { top: 0, left: 0, rows: height, columns: width },
  step: readonly [number, number] = [1, 1],
): Plane {
  const pixel = channels * 4;
  const row = margins.columns * pixel;
  return {
    at: start + margins.top * row + margins.left * pixel,
    height,
    width,
    channels,
    pixel: pixel * step[1],
    row: row * step[0],
    image: margins.rows * row,
  };
}

/** Bytes after each buffer that belong to none: kernels may read them, nothing may write them. */
export const GUARD_BYTES = 64;
const ALIGNMENT = 64;
const PAGE_BYTES = 65536;
const MOST_PAGES = 65536;

/** Allocates addresses in a memory that is created afterwards, once and for all, so that it never grows. */
export class Arena {
  #top = ALIGNMENT;
  readonly #guards: number[] = [];

  /** The address of `bytes` fresh bytes, aligned for vectors, with a guard behind them. */
  allocate(bytes: number): number {
    const at = this.#top;
    this.#guards.push(at + bytes);
    this.#top = Math.ceil((at + bytes + GUARD_BYTES) / ALIGNMENT) * ALIGNMENT;
    return at;
  }

  floats(count: number): number {
    return this.allocate(count * 4);
  }

  /** A plane of its own; arguments as those of {@link planeAt}. */
  plane(
    batch: number,
    shape: readonly [number, number, number],
    margins?: Margins,
    step?: readonly [number, number],
  ): Plane {
    return planeAt(this.allocate(planeBytes(batch, shape, margins)), shape, margins, step);
  }

  /** Bytes handed out so far, guards included. */
  get bytes(): number {
    return this.#top;
  }

  /** The end of each buffer: {@link GUARD_BYTES} bytes that must never change. */
  get guards(): readonly number[] {
    return this.#guards;
  }

  /**
   * A memory of zeros that holds every buffer and cannot grow.
   *
   * @throws {RangeError} where WASM has no such memory, or the machine does not.
   */
  createMemory(): WebAssembly.Memory {
    const pages = Math.ceil(this.#top / PAGE_BYTES);
    const gibibytes = (this.#top / 2 ** 30).toFixed(1);
    if (pages > MOST_PAGES) {
      throw new RangeError(`Cannot plan ${gibibytes} GiB: a WASM memory has at most 4; take smaller batches`);
    }
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages });
    } catch {
      throw new RangeError(`This machine has no ${gibibytes} GiB of memory left; take smaller batches`);
    }
  }
}
