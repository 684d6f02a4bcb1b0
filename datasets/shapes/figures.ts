/**
 * A figure as a function of a point: negative inside, positive outside, roughly the distance to the edge. The figure
 * fits the circle of radius 1 around the origin; y points down. Only + − × ÷ and square roots are used, which IEEE 754
 * fixes to the last bit, so every machine draws the same bytes.
 */
export type Figure = (x: number, y: number) => number;

/** Outward unit normals of a regular pentagon, first one down: (sin 72°k, cos 72°k), k = 0 … 4. */
const PENTAGON: readonly (readonly [number, number])[] = [
  [0, 1],
  [0.9510565162951535, 0.30901699437494745],
  [0.5877852522924731, -0.8090169943749475],
  [-0.5877852522924731, -0.8090169943749475],
  [-0.9510565162951535, 0.30901699437494745],
];
const HALF_ROOT_3 = 0.8660254037844386;
const STRIPE = 0.56;
const CELL = 0.52;

const radius = (x: number, y: number): number => Math.sqrt(x * x + y * y);
const chebyshev = (x: number, y: number): number => Math.max(Math.abs(x), Math.abs(y));

/** Distance into the nearest band of a pattern with bands of width `width / 2`, one every `width`. */
function bands(x: number, width: number): number {
  const within = x / width - Math.floor(x / width);
  return (Math.abs(within - 0.5) - 0.25) * width;
}

/** Inside the five-pointed star at most one of the pentagon's five edges is crossed: the second largest decides. */
function star(x: number, y: number): number {
  let first = -Infinity;
  let second = -Infinity;
  for (const [nx, ny] of PENTAGON) {
    const value = nx * x + ny * y;
    if (value > first) {
      second = first;
      first = value;
    } else if (value > second) second = value;
  }
  return second - 0.34;
}

/** The ten classes, by label. */
export const FIGURES: readonly { readonly name: string; readonly figure: Figure }[] = [
  { name: "disc", figure: (x, y) => radius(x, y) - 0.88 },
  { name: "ring", figure: (x, y) => Math.abs(radius(x, y) - 0.74) - 0.18 },
  { name: "square", figure: (x, y) => chebyshev(x, y) - 0.78 },
  { name: "frame", figure: (x, y) => Math.abs(chebyshev(x, y) - 0.64) - 0.17 },
  {
    name: "triangle",
    figure: (x, y) => Math.max(y, HALF_ROOT_3 * x - 0.5 * y, -HALF_ROOT_3 * x - 0.5 * y) - 0.5,
  },
  {
    name: "cross",
    figure: (x, y) =>
      Math.min(
        Math.max(Math.abs(x) - 0.95, Math.abs(y) - 0.26),
        Math.max(Math.abs(x) - 0.26, Math.abs(y) - 0.95),
      ),
  },
  { name: "star", figure: star },
  { name: "crescent", figure: (x, y) => Math.max(radius(x, y) - 0.92, 0.74 - radius(x - 0.42, y)) },
  { name: "stripes", figure: (x, y) => Math.max(chebyshev(x, y) - 0.84, bands(x, STRIPE)) },
  {
    name: "checker",
    figure: (x, y) => {
      const across = bands(x, 2 * CELL);
      const down = bands(y, 2 * CELL);
      const edge = Math.min(Math.abs(across), Math.abs(down));
      return Math.max(chebyshev(x, y) - 0.8, across * down > 0 ? -edge : edge);
    },
  },
];
