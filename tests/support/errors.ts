import assert from "node:assert/strict";

/** What was compared with float64: a device, one of its kernels, and at what size. */
export interface Compared {
  /** `webgpu`, `wasm` … */
  readonly device: string;
  /** The same words on every device: `convolution, kernel gradient`. */
  readonly kernel: string;
  readonly shape: string;
}

/** One comparison, as a line of the file that `LR_LAB_ERRORS` names; `tests/conformance/table.ts` makes a table of it. */
export interface Measured extends Compared {
  /** As of {@link relativeError}. */
  readonly error: number;
}

/** max |a − b| / max |b|: the error of a tensor against the largest value of the true one; a NaN is infinitely wrong. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let [worst, scale] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs(actual[index]! - expected[index]!);
    if (Number.isNaN(difference)) return Infinity;
    worst = Math.max(worst, difference);
    scale = Math.max(scale, Math.abs(expected[index]!));
  }
  return scale === 0 ? worst : worst / scale;
}

/** Asserts that the error is below the tolerance, and keeps it for the table where somebody makes one. */
export function assertClose(
  what: Compared,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  assertBelow(what, relativeError(actual, expected), tolerance);
}

/** The same for an error that was measured otherwise. */
export function assertBelow(what: Compared, error: number, tolerance: number): void {
  const file = Deno.env.get("LR_LAB_ERRORS");
  if (file) {
    const measured: Measured = { ...what, error };
    Deno.writeTextFileSync(file, JSON.stringify(measured) + "\n", { append: true });
  }
  assert.ok(
    error < tolerance,
    `${what.kernel} of ${what.shape} on ${what.device} is off by ${error}, at most ${tolerance}`,
  );
}
