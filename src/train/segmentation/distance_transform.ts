/** Buffers of {@link squaredDistances}, so that a transform allocates nothing. */
export interface DistanceScratch {
  /** `[pixels]`: squared distances along the columns. */
  readonly columns: Float64Array;
  /** `[width]`: columns whose parabolas form the lower envelope. */
  readonly vertices: Int32Array;
  /** `[width + 1]`: where each of them begins to be the lowest. */
  readonly starts: Float64Array;
}

export function distanceScratch(height: number, width: number): DistanceScratch {
  return {
    columns: new Float64Array(height * width),
    vertices: new Int32Array(width),
    starts: new Float64Array(width + 1),
  };
}

/**
 * Exact squared Euclidean distance, in pixels, from each pixel to the nearest one whose mask is `value`; Infinity
 * everywhere where there is none (Felzenszwalb and Huttenlocher, 2012, "Distance transforms of sampled functions").
 *
 *     D(y, x) = min over (v, u) with mask[v, u] = value of (y − v)² + (x − u)²
 *
 * One pass along the columns, then along each row the lower envelope of the parabolas `column(u) + (x − u)²`. All results
 * are whole numbers, so they are exact. Time is linear in the number of pixels.
 *
 * @param mask `[height, width]`
 * @param into `[height, width]`
 */
export function squaredDistances(
  mask: Uint8Array,
  value: number,
  [height, width]: readonly [number, number],
  into: Float64Array,
  scratch: DistanceScratch = distanceScratch(height, width),
): void {
  alongColumns(mask, value, height, width, scratch.columns);
  for (let y = 0; y < height; y++) lowerEnvelope(scratch, y * width, width, into);
}

/** Squared distance to the nearest pixel of the mask in the same column. */
function alongColumns(
  mask: Uint8Array,
  value: number,
  height: number,
  width: number,
  into: Float64Array,
): void {
  for (let x = 0; x < width; x++) {
    let distance = Infinity;
    for (let y = 0; y < height; y++) {
      distance = mask[y * width + x] === value ? 0 : distance + 1;
      into[y * width + x] = distance;
    }
    for (let y = height - 1; y >= 0; y--) {
      distance = mask[y * width + x] === value ? 0 : distance + 1;
      const nearest = Math.min(into[y * width + x]!, distance);
      into[y * width + x] = nearest * nearest;
    }
  }
}

/** Of the row that begins at `row`: the minimum over u of `columns[u] + (x − u)²`, for each x. */
function lowerEnvelope(
  { columns, vertices, starts }: DistanceScratch,
  row: number,
  width: number,
  into: Float64Array,
): void {
  let count = 0;
  for (let u = 0; u < width; u++) {
    const height = columns[row + u]!;
    if (height === Infinity) continue;
    let start = -Infinity;
    while (count > 0) {
      const before = vertices[count - 1]!;
      // Where the two parabolas meet.
      start = (height + u * u - columns[row + before]! - before * before) / (2 * (u - before));
      if (start > starts[count - 1]!) break;
      count--;
    }
    if (count === 0) start = -Infinity;
    vertices[count] = u;
    starts[count] = start;
    count++;
  }
  let current = 0;
  for (let x = 0; x < width; x++) {
    if (count === 0) {
      into[row + x] = Infinity;
      continue;
    }
    while (current + 1 < count && starts[current + 1]! < x) current++;
    const u = vertices[current]!;
    into[row + x] = columns[row + u]! + (x - u) * (x - u);
  }
}

/**
 * Squared distance field of a mask (Karimi and Salcudean, 2019): from each pixel inside to the nearest outside, and from
 * each pixel outside to the nearest inside. 0 everywhere for a mask that is empty or full: it has no boundary.
 *
 * @param mask `[height, width]`, 0 or 1
 * @param other as large as `into`; overwritten
 */
export function squaredDistanceField(
  mask: Uint8Array,
  size: readonly [height: number, width: number],
  into: Float64Array,
  other: Float64Array,
  scratch: DistanceScratch,
): void {
  if (!mask.includes(1) || !mask.includes(0)) {
    into.fill(0);
    return;
  }
  squaredDistances(mask, 1, size, into, scratch);
  squaredDistances(mask, 0, size, other, scratch);
  // One of the two is 0 in each pixel.
  for (let pixel = 0; pixel < into.length; pixel++) into[pixel]! += other[pixel]!;
}
