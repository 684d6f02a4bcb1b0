import { norm } from "#lib/norm.ts";
import type { Random } from "#lib/prng.ts";

/** Largest eigenvalue of a symmetric matrix, as far as it is known. */
export interface Eigenvalue {
  /** A lower bound but for rounding: the largest Rayleigh quotient among the vectors that were reached. */
  readonly value: number;
  /** ‖Av − value · v‖ for its unit vector v: some eigenvalue lies within this distance of it. */
  readonly residual: number;
  /** Products with the matrix that it took. */
  readonly products: number;
}

export interface LanczosOptions {
  /** Rows of the matrix. */
  readonly size: number;
  /** Draws the first vector. */
  readonly source: Pick<Random, "normal">;
  /** The most products, at least 1. */
  readonly products: number;
  /** Share of the value that the residual has to come below; then no further product is taken. */
  readonly tolerance: number;
}

/** Share of a product's length below which the rest after orthogonalisation is rounding. */
const ROUNDING = 1e-9;

/**
 * The largest (not the largest in magnitude) eigenvalue of a symmetric matrix that is known by its products alone.
 *
 * Power iteration looks at Aᵏv alone; this is Lanczos' form of it, which takes the best vector of the span of v, Av, …,
 * Aᵏv for the same products, with all of them orthogonalised twice (Golub and Van Loan, Matrix Computations, 10.3).
 *
 * @param product A times a vector; it may be asked for several, one after the other.
 */
export async function largestEigenvalue(
  product: (vector: Float64Array) => Promise<Float64Array>,
  { size, source, products, tolerance }: LanczosOptions,
): Promise<Eigenvalue> {
  const basis: Float64Array[] = [unit(Float64Array.from({ length: size }, () => source.normal()))];
  const diagonal: number[] = [];
  const beside: number[] = [];
  for (let step = 0;; step++) {
    const image = await product(basis[step]!);
    diagonal.push(dot(image, basis[step]!));
    const before = norm(image);
    for (let twice = 0; twice < 2; twice++) {
      for (const each of basis) addTo(image, each, -dot(image, each));
    }
    const rest = norm(image);
    const { value, lastWeight } = top(diagonal, beside);
    const residual = rest * lastWeight;
    const isWhole = step + 1 === size || !(rest > ROUNDING * before);
    if (isWhole || step + 1 >= products || residual <= tolerance * Math.abs(value)) {
      return { value, residual, products: step + 1 };
    }
    beside.push(rest);
    basis.push(unit(image));
  }
}

/**
 * Largest eigenvalue of a symmetric tridiagonal matrix, and the magnitude of its unit eigenvector's last component.
 *
 * @param beside elements beside the diagonal, one fewer, above 0.
 */
function top(diagonal: readonly number[], beside: readonly number[]): { value: number; lastWeight: number } {
  const reach = diagonal.map((value, at) => value + (beside[at - 1] ?? 0) + (beside[at] ?? 0));
  // Bisection between the largest element and Gershgorin's bound: above all eigenvalues every pivot is positive.
  let [low, high] = [Math.max(...diagonal), Math.max(...reach)];
  while (true) {
    const middle = (low + high) / 2;
    if (!(middle > low && middle < high)) break;
    if (pivots(diagonal, beside, middle).every((pivot) => pivot > 0)) high = middle;
    else low = middle;
  }
  // Components by the rows of (T − value) s = 0, each relative to the one before it.
  const ratios = pivots(diagonal, beside, high).slice(0, -1).map((pivot, at) => pivot / beside[at]!);
  let [component, squares] = [1, 1];
  for (const ratio of ratios) {
    component *= ratio;
    squares += component ** 2;
  }
  return { value: high, lastWeight: component / Math.sqrt(squares) };
}

/** Pivots of Gaussian elimination on `shift` − T. */
function pivots(diagonal: readonly number[], beside: readonly number[], shift: number): number[] {
  const found: number[] = [];
  diagonal.forEach((value, at) =>
    found.push(shift - value - (at === 0 ? 0 : beside[at - 1]! ** 2 / found[at - 1]!))
  );
  return found;
}

function unit(vector: Float64Array): Float64Array {
  const length = norm(vector);
  return vector.map((value) => value / length);
}

function addTo(vector: Float64Array, other: Float64Array, share: number): void {
  for (let at = 0; at < vector.length; at++) vector[at]! += share * other[at]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
