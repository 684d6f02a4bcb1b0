import { float, type Kernel, lane, range, vector } from "../kernel.ts";
import { fixed, type Operand, product, type ProductPlan } from "./product.ts";
import { rowKernel, SHARE } from "./rows.ts";

/**
 * Attention of each image's tokens to each other. `qkv` is `[batch, tokens, 3 · units]`: queries, keys and values side by
 * side, each of `heads` slices; `weights` `[batch, heads, tokens, tokens]`. Causal: a token sees itself and those before.
 */
export interface AttentionShape {
  readonly batch: number;
  readonly tokens: number;
  readonly units: number;
  readonly heads: number;
  readonly causal: boolean;
}

/** `(qkv) → weights`: q · kᵀ / √(units / heads). Causal: tiles that nobody sees stay as they are. */
export function attentionScores(shape: AttentionShape): Kernel {
  return product({
    ...planOf(shape, "attention_scores", "tokens"),
    left: part(shape, "queries"),
    right: transposed(part(shape, "keys")),
    into: square(shape, "weights"),
    ...(shape.causal && { unread: "firstColumn > firstRow" }),
    finish: (value) => `${value} * ${float(scaleOf(shape))}`,
  });
}

/** `(weights)`, in place: softmax of each row, with the largest score subtracted first; 0 for what is not seen. */
export function attentionSoftmax(shape: AttentionShape): Kernel {
  const { type, step, lanes, seen } = rowsOf(shape);
  const value = seen ? `select(${type}(-3e38), weights[at], ${seen})` : "weights[at]";
  const exponential = `exp(weights[at] - ${type}(top))`;
  return rowKernel({
    name: `attention_softmax ${shape.tokens}`,
    reads: {},
    writes: { weights: type },
    rows: shape.batch * shape.heads * shape.tokens,
    body: `let token = row % ${shape.tokens};
  let first = row * ${step};
  var most = ${type}(-3e38);
  for (var column = lane; column < ${step}; column += ${SHARE}) {
    let at = first + column;
    most = max(most, ${value});
  }
  let top = largest(local, vec2<f32>(${
      range(lanes).map((at) => lane("most", at, lanes)).reduce((a, b) => `max(${a}, ${b})`)
    })).x;
  var sum = ${type}(0.0);
  for (var column = lane; column < ${step}; column += ${SHARE}) {
    let at = first + column;
    sum = sum + ${seen ? `select(${type}(0.0), ${exponential}, ${seen})` : exponential};
  }
  let whole = total(local, vec2<f32>(${sumOf("sum", lanes)})).x;
  if (open) {
    for (var column = lane; column < ${step}; column += ${SHARE}) {
      let at = first + column;
      weights[at] = ${
      seen ? `select(${type}(0.0), ${exponential} / whole, ${seen})` : `${exponential} / whole`
    };
    }
  }`,
  });
}

/** `(weights, qkv) → y [batch, tokens, units]` */
export function attentionOutput(shape: AttentionShape): Kernel {
  return product({
    ...planOf(shape, "attention_output", "units"),
    left: square(shape, "weights"),
    right: part(shape, "values"),
    into: output(shape, "y"),
    ...(shape.causal && { end: upTo(shape, "firstRow") }),
  });
}

/** `(dy, qkv) → dWeights`: dy · vᵀ. Causal: tiles that nobody saw stay as they are. */
export function attentionWeightGradient(shape: AttentionShape): Kernel {
  return product({
    ...planOf(shape, "attention_weight_gradient", "tokens"),
    left: output(shape, "dy"),
    right: transposed(part(shape, "values")),
    into: square(shape, "dWeights"),
    ...(shape.causal && { unread: "firstColumn > firstRow" }),
  });
}

/** `(weights, dWeights)`, in place: through the softmax and the scale, w (dw − Σ w dw) / √(units / heads). */
export function attentionSoftmaxGradient(shape: AttentionShape): Kernel {
  const { type, step, lanes, seen } = rowsOf(shape);
  const zero = (value: string) => seen ? `select(${type}(0.0), ${value}, ${seen})` : value;
  return rowKernel({
    name: `attention_softmax_gradient ${shape.tokens}`,
    reads: { weights: type },
    writes: { dWeights: type },
    rows: shape.batch * shape.heads * shape.tokens,
    body: `let token = row % ${shape.tokens};
  let first = row * ${step};
  var sum = ${type}(0.0);
  for (var column = lane; column < ${step}; column += ${SHARE}) {
    let at = first + column;
    sum = sum + ${zero("weights[at] * dWeights[at]")};
  }
  let mean = ${type}(total(local, vec2<f32>(${sumOf("sum", lanes)})).x);
  if (open) {
    for (var column = lane; column < ${step}; column += ${SHARE}) {
      let at = first + column;
      dWeights[at] = ${zero(`weights[at] * (dWeights[at] - mean) * ${float(scaleOf(shape))}`)};
    }
  }`,
  });
}

/**
 * Of `(dScores, qkv) → dx` for queries and keys, of `(weights, dy, [qkv]) → dx` for values: the part of the gradient for
 * qkv, as qkv lies; with `mask`, 0 where qkv is not above 0.
 */
export function attentionInputGradient(
  shape: AttentionShape,
  of: Part,
  { mask }: { readonly mask: boolean },
): Kernel {
  const { causal } = shape;
  const plan = planOf(shape, `attention_gradient ${of}`, "units");
  const type = vector(plan.lanes);
  const common = {
    ...plan,
    into: part(shape, of, "dx"),
    ...(mask && {
      beside: ["qkv"],
      finish: (value: string, at: string) => `select(${type}(0.0), ${value}, qkv[${at}] > ${type}(0.0))`,
    }),
  };
  if (of === "queries") {
    return product({
      ...common,
      left: square(shape, "dScores"),
      right: part(shape, "keys"),
      ...(causal && { end: upTo(shape, "firstRow") }),
    });
  }
  const [left, right] = of === "keys"
    ? [square(shape, "dScores"), part(shape, "queries")]
    : [square(shape, "weights"), output(shape, "dy")];
  return product({ ...common, left: transposed(left), right, ...(causal && { begin: "firstRow" }) });
}

const PARTS = ["queries", "keys", "values"] as const;
type Part = typeof PARTS[number];

function scaleOf({ units, heads }: AttentionShape): number {
  return 1 / Math.sqrt(units / heads);
}

/** A product for each head of each image, of `[tokens, tokens]` or `[tokens, units / heads]`; the other is the inner side. */
function planOf(
  { batch, heads, tokens, units, causal }: AttentionShape,
  name: string,
  columns: "tokens" | "units",
): Pick<ProductPlan, "name" | "items" | "rows" | "inner" | "columns" | "lanes"> {
  const size = units / heads;
  const [wide, inner] = columns === "tokens" ? [tokens, size] : [size, tokens];
  return {
    name: `${name} ${tokens}x${size}${causal ? " causal" : ""}`,
    items: batch * heads,
    rows: fixed(tokens),
    inner: fixed(inner),
    columns: wide,
    lanes: tokens % 4 === 0 && size % 4 === 0 ? 4 : 1,
  };
}

/** Queries, keys or values of one head of one image, `[tokens, units / heads]`, in qkv or its gradient. */
function part({ tokens, units, heads }: AttentionShape, of: Part, buffer = "qkv"): Operand {
  const image = `item / ${heads} * ${tokens * 3 * units}`;
  return {
    buffer,
    origin: `${image} + ${PARTS.indexOf(of) * units} + item % ${heads} * ${units / heads}`,
    row: 3 * units,
    column: 1,
  };
}

function output({ tokens, units, heads }: AttentionShape, buffer: string): Operand {
  const origin = `item / ${heads} * ${tokens * units} + item % ${heads} * ${units / heads}`;
  return { buffer, origin, row: units, column: 1 };
}

function square({ tokens }: AttentionShape, buffer: string): Operand {
  return { buffer, origin: `item * ${tokens * tokens}`, row: tokens, column: 1 };
}

function transposed(operand: Operand): Operand {
  return { ...operand, row: operand.column, column: operand.row };
}

/** End of the tokens that some token of a tile sees. */
function upTo({ tokens }: AttentionShape, first: string): string {
  return `min(${first} + 32, ${tokens})`;
}

/** A row of weights in vectors, `step` of them; `seen` says which of the values at `column` count (absent: all). */
function rowsOf({ tokens, causal }: AttentionShape) {
  const lanes = tokens % 4 === 0 ? 4 : 1;
  const columns = lanes === 1 ? "column" : "vec4<i32>(4 * column) + vec4<i32>(0, 1, 2, 3)";
  const seen = causal ? `${columns} <= ${lanes === 1 ? "token" : "vec4<i32>(token)"}` : null;
  return { lanes, type: vector(lanes), step: tokens / lanes, seen };
}

function sumOf(vector: string, lanes: number): string {
  return lanes === 1 ? vector : `dot(${vector}, vec4<f32>(1.0))`;
}
