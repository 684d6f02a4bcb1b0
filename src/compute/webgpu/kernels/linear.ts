import {
  type Kernel,
  MAX_TRIPS,
  rectified,
  rectifier,
  split,
  type Tuning,
  vector,
  WORKGROUP_SIZE,
} from "../kernel.ts";
import { type Extent, fixed, product, TILE } from "./product.ts";

/** A linear layer of each of `rows` (batch × positions): `[rows, inputs]` · `[inputs, outputs]`. */
export interface LinearShape {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** `(x, kernel, [bias]) → y`, with ReLU where asked for. */
export function linearForward(
  shape: LinearShape,
  { bias, relu }: { readonly bias: boolean; readonly relu: boolean },
): Kernel {
  const { rows, inputs, outputs } = shape;
  const lanes = lanesOfBoth(shape);
  return product({
    name: `linear_forward ${inputs}→${outputs}`,
    items: 1,
    rows: inSizes(rows),
    inner: fixed(inputs),
    columns: outputs,
    left: { buffer: "x", origin: "0", row: inputs, column: 1 },
    right: { buffer: "w", origin: "0", row: outputs, column: 1 },
    into: { buffer: "y", origin: "0", row: outputs, column: 1 },
    lanes,
    sizes: { rows },
    ...(bias && { beside: ["bias"] }),
    finish: (value, _at, column) => {
      const sum = bias ? `${value} + bias[${column}]` : value;
      return relu ? rectified(sum, lanes) : sum;
    },
    functions: relu ? rectifier(lanes) : "",
  });
}

/** `(dy, kernel, [x]) → dx`; with `mask`, 0 where x ≤ 0. */
export function linearInputGradient(
  shape: LinearShape,
  { mask }: { readonly mask: boolean },
): Kernel {
  const { rows, inputs, outputs } = shape;
  const lanes = lanesOfBoth(shape);
  const type = vector(lanes);
  return product({
    name: `linear_input_gradient ${inputs}→${outputs}`,
    items: 1,
    rows: inSizes(rows),
    inner: fixed(outputs),
    columns: inputs,
    left: { buffer: "dy", origin: "0", row: outputs, column: 1 },
    right: { buffer: "w", origin: "0", row: 1, column: outputs },
    into: { buffer: "dx", origin: "0", row: inputs, column: 1 },
    lanes,
    sizes: { rows },
    ...(mask && {
      beside: ["x"],
      finish: (value, at) => `select(${type}(0.0), ${value}, x[${at}] > ${type}(0.0))`,
    }),
  });
}

/** `(x, dy) → parts [parts, inputs, outputs]`: xᵀ · dy of each part's rows; `sumParts` adds them up. */
export function linearKernelGradient(shape: LinearShape, tuning: Tuning): { kernel: Kernel; parts: number } {
  const { rows, inputs, outputs } = shape;
  const tiles = Math.ceil(inputs / TILE) * Math.ceil(outputs / TILE);
  const wanted = Math.ceil(tuning.invocations / WORKGROUP_SIZE / tiles);
  // Whole tiles of rows; a part of fewer than four would not be worth a partial sum.
  const blocks = Math.ceil(rows / TILE);
  const most = Math.max(Math.min(wanted, Math.ceil(blocks / 4)), Math.ceil(rows / MAX_TRIPS));
  const cut = split(blocks, most);
  return {
    parts: cut.parts,
    kernel: product({
      name: `linear_kernel_gradient ${inputs}→${outputs}`,
      items: cut.parts,
      rows: fixed(inputs),
      inner: inSizes(rows),
      columns: outputs,
      left: { buffer: "x", origin: "0", row: 1, column: inputs },
      right: { buffer: "dy", origin: "0", row: outputs, column: 1 },
      into: { buffer: "partial", origin: `item * ${inputs * outputs}`, row: outputs, column: 1 },
      lanes: lanesOfBoth(shape),
      sizes: { rows, parts: cut.parts, each: cut.each * TILE },
      begin: "item * sizes.each",
      end: "min((item + 1) * sizes.each, sizes.rows)",
    }),
  };
}

/** A number of rows that depends on the batch: other batches need no other code. */
function inSizes(count: number): Extent {
  return { count, code: "sizes.rows" };
}

function lanesOfBoth({ inputs, outputs }: LinearShape): 1 | 4 {
  return inputs % 4 === 0 && outputs % 4 === 0 ? 4 : 1;
}
