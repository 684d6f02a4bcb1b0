import { float, type Kernel, kernel, lanesOf, vector } from "../kernel.ts";

/** `(x) → y = x Φ(x)`, with the normal distribution Φ(x) = (1 + erf(x / √2)) / 2. */
export function gelu(length: number): Kernel {
  const { lanes, type } = vectors(length);
  return kernel({
    name: "gelu",
    reads: { x: type },
    writes: { y: type },
    sizes: { invocations: length / lanes },
    functions: normal(type),
    body: "y[index] = x[index] * normal(x[index]);",
  });
}

/** `(x, dy) → dx = dy (Φ(x) + x φ(x))`, with the normal density φ; with `mask`, 0 where x ≤ 0. */
export function geluGradient(length: number, options: { readonly mask: boolean }): Kernel {
  const { lanes, type } = vectors(length);
  const value = "dy[index] * (normal(v) + v * density)";
  return kernel({
    name: "gelu_gradient",
    reads: { x: type, dy: type },
    writes: { dx: type },
    sizes: { invocations: length / lanes },
    functions: normal(type),
    body: `let v = x[index];
  let density = exp(v * v * -0.5) * ${float(1 / Math.sqrt(2 * Math.PI))};
  dx[index] = ${options.mask ? `select(${type}(0.0), ${value}, v > ${type}(0.0))` : value};`,
  });
}

/** `(x) → y = max(x, 0)²`; what is not a number stays so. */
export function reluSquared(length: number): Kernel {
  const { lanes, type } = vectors(length);
  return kernel({
    name: "relu_squared",
    reads: { x: type },
    writes: { y: type },
    sizes: { invocations: length / lanes },
    body: `y[index] = select(x[index] * x[index], ${type}(0.0), x[index] < ${type}(0.0));`,
  });
}

/** `(x, dy) → dx = 2 max(x, 0) dy`, which is 0 where a ReLU that made x is. */
export function reluSquaredGradient(length: number): Kernel {
  const { lanes, type } = vectors(length);
  return kernel({
    name: "relu_squared_gradient",
    reads: { x: type, dy: type },
    writes: { dx: type },
    sizes: { invocations: length / lanes },
    body: `dx[index] = select(2.0 * x[index] * dy[index], ${type}(0.0), x[index] < ${type}(0.0));`,
  });
}

/** Polynomials for erf(a), highest power first: in a² below a = 475 / 512, and in |a| above, where erf is 1 − e^p. */
const BELOW = [-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1];
const ABOVE = [
  -1.72853470e-5,
  3.83197126e-4,
  -3.88396438e-3,
  2.42546219e-2,
  -1.06777877e-1,
  -6.34846687e-1,
  -1.28717512e-1,
];

/** Φ. WGSL has no erf; this one, in 32 bits, is off by 6e-8 at most (`tests/compute/webgpu_tokens_test.ts`). */
function normal(type: string): string {
  const constant = (value: number) => `${type}(${float(value)})`;
  const horner = (polynomial: readonly number[], by: string) =>
    polynomial.slice(1).reduce(
      (value, next) => `fma(${value}, ${by}, ${constant(next)})`,
      constant(polynomial[0]!),
    );
  return `fn normal(x: ${type}) -> ${type} {
  let a = x * ${float(Math.SQRT1_2)};
  let t = abs(a);
  let below = fma(${horner(BELOW, "(a * a)")}, a, a);
  let above = sign(a) * (1.0 - exp(fma(${horner(ABOVE, "t")}, t, -t)));
  return 0.5 + 0.5 * select(below, above, t > ${constant(475 / 512)});
}`;
}

function vectors(length: number): { lanes: number; type: string } {
  const lanes = lanesOf(length);
  return { lanes, type: vector(lanes) };
}
