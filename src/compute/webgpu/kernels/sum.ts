import { type Kernel, kernel, lanesOf, rectified, rectifier, vector } from "../kernel.ts";

/** `(a, b) → y = a + b`, with ReLU where asked for: the end of a residual block. */
export function add(length: number, options: { readonly relu: boolean }): Kernel {
  const lanes = lanesOf(length);
  const type = vector(lanes);
  const sum = "a[index] + b[index]";
  return kernel({
    name: options.relu ? "add_relu" : "add",
    reads: { a: type, b: type },
    writes: { y: type },
    sizes: { invocations: length / lanes },
    functions: options.relu ? rectifier(lanes) : "",
    body: `y[index] = ${options.relu ? rectified(sum, lanes) : sum};`,
  });
}

/** `(a, b, [x]) → dx = a + b`; with `mask`, 0 where x ≤ 0: the gradients of both branches of a block. */
export function addGradients(length: number, options: { readonly mask: boolean }): Kernel {
  const lanes = lanesOf(length);
  const type = vector(lanes);
  const sum = "a[index] + b[index]";
  return kernel({
    name: options.mask ? "add_gradients_relu" : "add_gradients",
    reads: { a: type, b: type, ...(options.mask ? { x: type } : {}) },
    writes: { dx: type },
    sizes: { invocations: length / lanes },
    body: `dx[index] = ${options.mask ? `select(${type}(0.0), ${sum}, x[index] > ${type}(0.0))` : sum};`,
  });
}
